// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import type {
  CniAttachment,
  CniPortMapping,
  DetachRequest,
  NetworkConfigList,
  PluginConfig,
} from './types.ts';

/** The CNI_ variables of an attachment. @throws LadingError `invalid_argument` for names that a plugin must not see */
export function attachmentEnv(attachment: DetachRequest): Readonly<Record<string, string>> {
  const { containerId, ifName = 'eth0', netnsPath = '', args = {} } = attachment;
  if (!/^[a-zA-Z0-9][\w.-]{0,127}$/.test(containerId)) {
    throw new LadingError(
      Code.InvalidArgument,
      `${JSON.stringify(containerId.slice(0, 140))} cannot be a container's id for CNI`,
    );
  }
  if (!isInterfaceName(ifName)) {
    throw new LadingError(
      Code.InvalidArgument,
      `${JSON.stringify(ifName.slice(0, 40))} cannot be the name of an interface: 1 to 15 bytes without "/", ":" and blanks`,
    );
  }
  return { CNI_CONTAINERID: containerId, CNI_IFNAME: ifName, CNI_NETNS: netnsPath, CNI_ARGS: argsText(args) };
}

/** The kernel's rule; its limit is of bytes. */
export function isInterfaceName(name: string): boolean {
  return Buffer.byteLength(name) <= 15 && /^[^/:\s\p{Cc}]+$/u.test(name) && name !== '.' && name !== '..';
}

/** CNI_ARGS has no quoting: a semicolon in a value would begin another argument. */
function argsText(args: Readonly<Record<string, string>>): string {
  const all = Object.entries({ IgnoreUnknown: '1', ...args });
  for (const [key, value] of all) {
    if (/^\w+$/.test(key) && !/[;\0\n]/.test(value)) continue;
    throw new LadingError(
      Code.InvalidArgument,
      `the CNI argument ${JSON.stringify(key.slice(0, 80))} is not valid`,
    );
  }
  return all.map(([key, value]) => `${key}=${value}`).join(';');
}

/** What the caller gives under the names of capabilities. */
export function capabilityArgs(
  attachment: Pick<CniAttachment, 'portMappings' | 'runtimeConfig'>,
): Readonly<Record<string, unknown>> {
  const { portMappings = [], runtimeConfig = {} } = attachment;
  if (portMappings.length === 0) return runtimeConfig;
  return { ...runtimeConfig, portMappings: portMappings.map(encodeMapping) };
}

function encodeMapping({ hostPort, containerPort, protocol = 'tcp', hostIp }: CniPortMapping): object {
  const isValid =
    [hostPort, containerPort].every((port) => Number.isInteger(port) && port > 0 && port < 65_536) &&
    ['tcp', 'udp', 'sctp'].includes(protocol) &&
    (hostIp === undefined || hostIp === '' || isIP(hostIp) !== 0);
  if (isValid) return { hostPort, containerPort, protocol, ...(hostIp && { hostIP: hostIp }) };
  const text = JSON.stringify(`${hostIp ?? ''}:${hostPort}:${containerPort}/${protocol}`);
  throw new LadingError(Code.InvalidArgument, `${text} cannot be a port mapping`);
}

/** A plugin is only told of ports when it asks: without such a one they would be dropped without a word. */
export function checkAsked(
  list: NetworkConfigList,
  { portMappings = [] }: Pick<CniAttachment, 'portMappings'>,
): void {
  if (portMappings.length === 0) return;
  if (list.plugins.some(({ capabilities }) => capabilities?.portMappings === true)) return;
  throw new LadingError(
    Code.FailedPrecondition,
    `the network ${list.name} cannot map ports; add the plugin portmap with the capability portMappings to it`,
    { reason: 'CNI_NO_PORTS' },
  );
}

/** What a plugin reads on stdin; each capability that it declares gets what was given for it. */
export function pluginInput(
  list: NetworkConfigList,
  plugin: PluginConfig,
  given: Readonly<Record<string, unknown>>,
  prevResult: unknown,
): Readonly<Record<string, unknown>> {
  const wanted = Object.entries(given).filter(([name]) => plugin.capabilities?.[name] === true);
  // These are the runtime's to set; a file that holds them does not speak for it.
  const own = Object.entries(plugin).filter(
    ([name]) => name !== 'runtimeConfig' && name !== 'prevResult' && !name.startsWith('cni.dev/'),
  );
  return {
    ...Object.fromEntries(own),
    name: list.name,
    cniVersion: list.cniVersion,
    ...(wanted.length === 0 ? {} : { runtimeConfig: Object.fromEntries(wanted) }),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}
