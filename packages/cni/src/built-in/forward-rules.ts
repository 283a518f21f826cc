// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { editRules } from './firewall.ts';

/** Chains of the plugin `firewall` that all containers share; the second is the administrator's own. */
const chain = 'CNI-FORWARD';
const adminChain = 'CNI-ADMIN';

/** firewalld has its own way, and the plugin takes it where that runs. */
export function mayHaveFirewalld(): boolean {
  const hasBus =
    process.env.DBUS_SYSTEM_BUS_ADDRESS !== undefined ||
    ['/run/dbus/system_bus_socket', '/var/run/dbus/system_bus_socket'].some((path) => existsSync(path));
  return hasBus && ['/usr/sbin', '/sbin', '/usr/bin'].some((folder) => existsSync(`${folder}/firewalld`));
}

/** What is sent from an IPv4 address, and answers to it, are let through. */
export async function addForwardRules(address: string, signal: AbortSignal | undefined): Promise<void> {
  await editRules(
    'filter',
    (rules) => {
      const has = (start: string, end: string): boolean =>
        rules.some((rule) => rule.startsWith(start) && rule.endsWith(end));
      return [
        ...[chain, adminChain].filter((name) => !has(`:${name} `, '')).map((name) => `-N ${name}`),
        ...(has('-A FORWARD ', `-j ${chain}`)
          ? []
          : [`-I FORWARD 1 -m comment --comment "CNI firewall plugin rules" -j ${chain}`]),
        ...(has(`-A ${chain} `, `-j ${adminChain}`)
          ? []
          : [`-I ${chain} 1 -m comment --comment "CNI firewall plugin admin overrides" -j ${adminChain}`]),
        ...rulesOf(address)
          .filter((rule) => !rules.includes(`-A ${rule}`))
          .map((rule) => `-A ${rule}`),
      ];
    },
    signal,
  );
}

/** Any number of times, and all of them: what is left lets somebody else's packets through. */
export async function removeForwardRules(address: string, signal: AbortSignal | undefined): Promise<void> {
  const own = new Set(rulesOf(address).map((rule) => `-A ${rule}`));
  await editRules(
    'filter',
    (rules) => rules.filter((rule) => own.has(rule)).map((rule) => rule.replace(/^-A/, '-D')),
    signal,
  );
}

/** As iptables writes them. */
function rulesOf(address: string): readonly string[] {
  return [
    `${chain} -d ${address}/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `${chain} -s ${address}/32 -j ACCEPT`,
  ];
}
