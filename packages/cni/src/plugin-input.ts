// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { CniAttachment, NetworkConfigList, PluginConfig } from './types.ts';

/** The CNI_ variables of an attachment. @throws LadingError `invalid_argument` for names that a plugin must not see */
export function attachmentEnv(
  attachment: Omit<CniAttachment, 'netnsPath'> & { readonly netnsPath?: string },
): Readonly<Record<string, string>> {
  const { containerId, ifName = 'eth0', netnsPath = '', args = {} } = attachment;
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(containerId)) {
    throw new LadingError(
      Code.InvalidArgument,
      `${JSON.stringify(containerId)} cannot be a container's id for CNI`,
    );
  }
  if (!/^[^/:\s]{1,15}$/.test(ifName) || ifName === '.' || ifName === '..') {
    throw new LadingError(
      Code.InvalidArgument,
      `${JSON.stringify(ifName)} cannot be the name of an interface`,
    );
  }
  return { CNI_CONTAINERID: containerId, CNI_IFNAME: ifName, CNI_NETNS: netnsPath, CNI_ARGS: argsText(args) };
}

function argsText(args: Readonly<Record<string, string>>): string {
  const all = { IgnoreUnknown: '1', ...args };
  for (const [key, value] of Object.entries(all)) {
    if (/[;=]/.test(key) || value.includes(';'))
      throw new LadingError(Code.InvalidArgument, `the CNI argument ${key} holds a ";" or "="`);
  }
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}`)
    .join(';');
}

/** What the caller gives under the names of capabilities. */
export function capabilityArgs(
  attachment: Pick<CniAttachment, 'portMappings' | 'runtimeConfig'>,
): Readonly<Record<string, unknown>> {
  const { portMappings = [], runtimeConfig = {} } = attachment;
  if (portMappings.length === 0) return runtimeConfig;
  const mappings = portMappings.map(({ hostPort, containerPort, protocol = 'tcp', hostIp }) => ({
    hostPort,
    containerPort,
    protocol,
    ...(hostIp === undefined ? {} : { hostIP: hostIp }),
  }));
  return { ...runtimeConfig, portMappings: mappings };
}

/** What a plugin reads on stdin; each capability that it declares gets what was given for it. */
export function pluginInput(
  list: NetworkConfigList,
  plugin: PluginConfig,
  given: Readonly<Record<string, unknown>>,
  prevResult: unknown,
): unknown {
  const wanted = Object.entries(given).filter(([name]) => plugin.capabilities?.[name] === true);
  return {
    ...plugin,
    name: list.name,
    cniVersion: list.cniVersion,
    ...(wanted.length === 0 ? {} : { runtimeConfig: Object.fromEntries(wanted) }),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}
