// SPDX-License-Identifier: Apache-2.0
import { isObject } from '../parse-config.ts';
import { hasFirewall } from './firewall.ts';
import { addForwardRules, mayHaveFirewalld, removeForwardRules } from './forward-rules.ts';
import { ipv4CidrsOf, isToldOnly, withoutPrefix } from './plain.ts';
import { mapPorts, portMapping, unmapPorts } from './port-mapping.ts';

type Members = Readonly<Record<string, unknown>>;
type Work = (signal: AbortSignal) => Promise<Members | undefined>;

/** What a plugin that comes after that of an interface gets. */
export interface ChainedCall {
  readonly type: string;
  readonly command: 'ADD' | 'DEL';
  readonly containerId: string;
  readonly config: Members;
  readonly runtimeConfig: unknown;
  readonly prevResult: Members;
}

/** Plugins that hand on the result that they get. Undefined for what takes the program. */
export async function chainedWork(call: ChainedCall): Promise<Work | undefined> {
  if (call.type === 'portmap') return await portmapWork(call);
  if (call.type === 'firewall') return firewallWork(call);
  if (call.type === 'tuning') return tuningWork(call);
  return undefined;
}

/** Without ports there is nothing to do, nor to undo: what was noted as without them left no rules. */
async function portmapWork({
  command,
  config,
  containerId,
  prevResult,
  runtimeConfig,
}: ChainedCall): Promise<Work | undefined> {
  if (runtimeConfig === undefined) return async () => prevResult;
  if (!isObject(runtimeConfig) || Object.keys(runtimeConfig).join() !== 'portMappings') return undefined;
  const mapping = await portMapping(config, prevResult, runtimeConfig.portMappings, containerId);
  if (mapping === undefined) return undefined;
  return async (signal) => {
    if (command === 'ADD') await mapPorts({ ...mapping, signal });
    else await unmapPorts({ ...mapping, signal });
    return prevResult;
  };
}

function firewallWork({ command, config, prevResult, runtimeConfig }: ChainedCall): Work | undefined {
  const { backend = '' } = config;
  const isIptables = backend === 'iptables' || (backend === '' && !mayHaveFirewalld());
  const addresses = ipv4CidrsOf(prevResult)?.map(withoutPrefix);
  const isPlain = isToldOnly(config, ['backend']) && runtimeConfig === undefined && isIptables;
  if (!isPlain || addresses === undefined || !hasFirewall()) return undefined;
  return async (signal) => {
    for (const address of addresses) {
      if (command === 'ADD') await addForwardRules(address, signal);
      else await removeForwardRules(address, signal);
    }
    return prevResult;
  };
}

/** With nothing to tune, as it stands in the configurations that podman brings. */
function tuningWork({ config, prevResult, runtimeConfig }: ChainedCall): Work | undefined {
  return isToldOnly(config, []) && runtimeConfig === undefined ? async () => prevResult : undefined;
}
