// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import type { NetworkChoice, PortMapping } from '../types/container-options.ts';
import type { NetworkAttachment } from '../types/network.ts';
import { type NetworkPlan, planNamed } from './plan-named.ts';

/** Several networks on one namespace; ports are published by the first. */
export async function planSeveral(
  context: Context,
  id: string,
  networks: readonly NetworkChoice[],
  portMappings: readonly PortMapping[],
): Promise<NetworkPlan> {
  let plan: NetworkPlan | undefined;
  const attachments: NetworkAttachment[] = [];
  for (const choice of networks) {
    const ports = attachments.length === 0 ? portMappings : [];
    plan = await planNamed(context, id, choice.name, ports, argsOf(choice));
    const ifName = choice.ifName ?? freeInterface([...attachments, ...networks]);
    attachments.push(...plan.attachments.map((attachment) => ({ ...attachment, ifName })));
  }
  if (plan === undefined) throw new LadingError(Code.InvalidArgument, 'no network is named');
  const twice = attachments.find(
    ({ network }, index) => attachments.findIndex((a) => a.network === network) !== index,
  );
  if (twice !== undefined) {
    throw new LadingError(Code.InvalidArgument, `the network ${twice.network} is named twice`);
  }
  return { ...plan, attachments };
}

/** The wishes that host-local and the plugins of interfaces read. */
export function argsOf({ ip, ip6, mac }: NetworkChoice): Readonly<Record<string, string>> {
  if (ip !== undefined && !isIPv4(ip)) throw fault(ip, 'IPv4 address');
  if (ip6 !== undefined && !isIPv6(ip6)) throw fault(ip6, 'IPv6 address');
  if (mac !== undefined && !/^([\da-f]{2}:){5}[\da-f]{2}$/i.test(mac)) throw fault(mac, 'MAC address');
  const addresses = [ip, ip6].filter((address) => address !== undefined);
  return { ...(addresses.length > 0 && { IP: addresses.join(',') }), ...(mac !== undefined && { MAC: mac }) };
}

export function freeInterface(taken: readonly { readonly ifName?: string }[]): string {
  for (let index = 0; ; index++) {
    if (!taken.some(({ ifName }) => ifName === `eth${index}`)) return `eth${index}`;
  }
}

function fault(text: string, what: string): LadingError {
  return new LadingError(
    Code.InvalidArgument,
    `${JSON.stringify(text.slice(0, 80))} is not an ${what}`.replace('an MAC', 'a MAC'),
  );
}
