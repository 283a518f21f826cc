// SPDX-License-Identifier: Apache-2.0
import { chainName, editRules, removeChain, ruleComment } from './firewall.ts';
import type { Owner } from './owner.ts';
import { withoutPrefix } from './plain.ts';

/** A port of the host that leads to the container; all of it was checked. */
export interface PlainMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'sctp';
  /** Undefined for all addresses. */
  readonly hostIp: string | undefined;
}

/** Rules of the plugin `portmap` for a container with an IPv4 address. */
export interface PortRules extends Owner {
  /** The container's, in CIDR form. */
  readonly cidr: string;
  readonly mappings: readonly PlainMapping[];
}

/** Chains that all containers share: they are made once and stay. */
const dnatChain = 'CNI-HOSTPORT-DNAT';
const markChain = 'CNI-HOSTPORT-SETMARK';
const masqueradeChain = 'CNI-HOSTPORT-MASQ';
const mark = '0x2000/0x2000';
/** A rule of several ports has room for no more. */
const portsPerRule = 15;

export async function addPortRules(rules: PortRules): Promise<void> {
  await editRules('nat', (there) => [...sharedLines(there), ...containerLines(rules)], rules.signal);
}

/** Any number of times. */
export async function removePortRules({ network, containerId, signal }: PortRules): Promise<void> {
  await removeChain(chainName('CNI-DN-', network, containerId), undefined, signal);
}

/** What is missing of the shared chains. */
function sharedLines(rules: readonly string[]): readonly string[] {
  const hasChain = (chain: string): boolean => rules.some((rule) => rule.startsWith(`:${chain} `));
  const hasRule = (chain: string, end: string): boolean =>
    rules.some((rule) => rule.startsWith(`-A ${chain} `) && rule.endsWith(end));
  const isMissing = (chain: string, end: string): boolean => !hasRule(chain, end);
  return [
    ...[markChain, masqueradeChain, dnatChain]
      .filter((chain) => !hasChain(chain))
      .map((chain) => `-N ${chain}`),
    ...(isMissing(markChain, mark)
      ? [`-A ${markChain} -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark ${mark}`]
      : []),
    ...(isMissing(masqueradeChain, '-j MASQUERADE')
      ? [`-A ${masqueradeChain} -m mark --mark ${mark} -j MASQUERADE`]
      : []),
    // Before the rules of bridges, which would be taken first.
    ...(isMissing('POSTROUTING', `-j ${masqueradeChain}`)
      ? [`-I POSTROUTING 1 -m comment --comment "CNI portfwd requiring masquerade" -j ${masqueradeChain}`]
      : []),
    ...['PREROUTING', 'OUTPUT']
      .filter((chain) => isMissing(chain, `-j ${dnatChain}`))
      .map((chain) => `-A ${chain} -m addrtype --dst-type LOCAL -j ${dnatChain}`),
  ];
}

function containerLines({ network, containerId, cidr, mappings }: PortRules): readonly string[] {
  const chain = chainName('CNI-DN-', network, containerId);
  const comment = ruleComment('dnat ', network, containerId);
  const address = withoutPrefix(cidr);
  const rules = mappings.flatMap(({ protocol, hostPort, containerPort, hostIp }) => {
    const base = `-A ${chain} -p ${protocol} --dport ${hostPort}${hostIp === undefined ? '' : ` -d ${hostIp}`}`;
    return [
      // From the container to itself, and from the host's own loopback: the answer has to come back this way.
      `${base} -s ${cidr} -j ${markChain}`,
      `${base} -s 127.0.0.1 -j ${markChain}`,
      `${base} -j DNAT --to-destination ${address}:${containerPort}`,
    ];
  });
  const jumps = (['sctp', 'tcp'] as const).flatMap((protocol) => {
    const ports = mappings.filter((mapping) => mapping.protocol === protocol).map(({ hostPort }) => hostPort);
    return inGroups(ports).map(
      (group) =>
        `-A ${dnatChain} ${comment} -m multiport -p ${protocol} --destination-ports ${group.join(',')} -j ${chain}`,
    );
  });
  return [`:${chain} - [0:0]`, ...rules, ...jumps];
}

function inGroups(ports: readonly number[]): readonly (readonly number[])[] {
  const count = Math.ceil(ports.length / portsPerRule);
  return Array.from({ length: count }, (_, i) => ports.slice(i * portsPerRule, (i + 1) * portsPerRule));
}
