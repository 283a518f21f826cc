// SPDX-License-Identifier: Apache-2.0
import { isObject } from '../parse-config.ts';
import { findPlugin, type PluginCall, pluginFailure, withinTime } from '../run-plugin.ts';
import { addPort, removePort } from './bridge.ts';
import { bridgeSettings } from './bridge-settings.ts';
import { chainedWork } from './chained.ts';
import { hasFirewall } from './firewall.ts';
import { onlyIpv4Cidr } from './plain.ts';

type Members = Readonly<Record<string, unknown>>;
type Work = (signal: AbortSignal) => Promise<Members | undefined>;

/** Versions of results that are written; the programs of Debian 12 do not know a newer one. */
const versions = ['0.3.0', '0.3.1', '0.4.0', '1.0.0'];
/** Arguments that say nothing to these plugins. */
const plainArg = /^(?:IgnoreUnknown|K8S_POD_\w+)$/;

/**
 * Does what the plugins `bridge` (with `host-local`), `portmap`, `firewall` and `tuning` do, in this process and with the same results, where it is
 * plain: a program for each, and those that they start, take more time than all else that a container needs. Everything
 * that they leave behind has the same names, so that the programs can check it and take it away, and the other way round.
 *
 * @returns undefined when it takes the program
 * @throws LadingError as {@link runPlugin}
 */
export async function runBuiltIn(
  call: PluginCall,
): Promise<{ readonly result: Members | undefined } | undefined> {
  const work = await builtInWork(call);
  if (work === undefined) return undefined;
  // What can be done without them is no reason to hide that they are missing: others use them.
  await findPlugin(call);
  try {
    return { result: await withinTime(call, work) };
  } catch (error) {
    throw pluginFailure(call, error);
  }
}

async function builtInWork(call: PluginCall): Promise<Work | undefined> {
  const { type, command, stdin } = call;
  if (!isObject(stdin) || (command !== 'ADD' && command !== 'DEL')) return undefined;
  const { prevResult, runtimeConfig, ...config } = stdin;
  if (type === 'bridge')
    return runtimeConfig === undefined ? bridgeWork(call, config, prevResult) : undefined;
  // Arguments of the caller's that they would read.
  if (!isObject(prevResult) || !isPlain(call.env.CNI_ARGS)) return undefined;
  const containerId = call.env.CNI_CONTAINERID ?? '';
  return await chainedWork({ type, command, containerId, config, runtimeConfig, prevResult });
}

function bridgeWork({ command, env }: PluginCall, config: Members, prevResult: unknown): Work | undefined {
  if (!versions.includes(String(config.cniVersion)) || !isPlain(env.CNI_ARGS)) return undefined;
  const settings = bridgeSettings(config);
  if (settings === undefined || (settings.ipMasq && !hasFirewall())) return undefined;
  const port = {
    network: String(config.name),
    cniVersion: String(config.cniVersion),
    containerId: env.CNI_CONTAINERID ?? '',
    ifName: env.CNI_IFNAME ?? '',
    netnsPath: env.CNI_NETNS ?? '',
  };
  if (command === 'ADD') {
    return prevResult === undefined ? (signal) => addPort(settings, { ...port, signal }) : undefined;
  }
  // A process that was killed at ADD left no note, and maybe rules without the interface by which the program finds them.
  const cidr = onlyIpv4Cidr(prevResult);
  return async (signal) => {
    await removePort(settings, { ...port, signal }, cidr);
    return undefined;
  };
}

function isPlain(args = ''): boolean {
  return args.split(';').every((arg) => arg === '' || plainArg.test(arg.replace(/=.*$/s, '')));
}
