// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import { isObject, newestVersion } from './parse-config.ts';
import type { CniAddress, CniDns, CniResult, CniRoute } from './types.ts';

/**
 * A plugin's result in the form of CNI 1.1: those of 0.1 and 0.2 had one address of each
 * family under names of their own.
 *
 * @param network for messages
 * @throws LadingError with reason `CNI_RESULT` for an address that is none
 */
export function toNewestResult(result: Readonly<Record<string, unknown>>, network: string): CniResult {
  const fail = (what: string): never => {
    throw new LadingError(
      Code.Internal,
      `the plugins of the network ${network} gave ${what}; see how they are configured`,
      { reason: 'CNI_RESULT' },
    );
  };
  const checked = addressesOf(fail);
  const old = ['ip4', 'ip6'].map((key) => result[key]).filter(isObject);
  const ips: CniAddress[] = old.length > 0 ? old.map(checked.old) : objects(result.ips).map(checked.new);
  const routes = old.length > 0 ? old.flatMap((family) => objects(family.routes)) : objects(result.routes);
  return {
    cniVersion: newestVersion,
    interfaces: objects(result.interfaces).map((one) => ({
      name: String(one.name ?? ''),
      ...(typeof one.mac === 'string' ? { mac: one.mac } : {}),
      ...(typeof one.mtu === 'number' ? { mtu: one.mtu } : {}),
      ...(typeof one.sandbox === 'string' && one.sandbox !== '' ? { sandbox: one.sandbox } : {}),
    })),
    ips,
    routes: routes.map((route): CniRoute => ({ ...route, dst: String(route.dst ?? '') })),
    dns: dnsOf(result.dns, fail),
  };
}

type Fail = (what: string) => never;
type Members = Readonly<Record<string, unknown>>;

/** They go into hosts files and reports: nothing but an address may. */
function addressesOf(fail: Fail): Record<'old' | 'new', (from: Members) => CniAddress> {
  const cidrOf = (value: unknown): string => {
    const [, ip = '', bits = ''] = (typeof value === 'string' && /^([^/]*)\/(\d{1,3})$/.exec(value)) || [];
    const family = isIP(ip);
    if (family === 0 || Number(bits) > (family === 4 ? 32 : 128))
      return fail('an address that is not in CIDR form');
    return `${ip}/${bits}`;
  };
  const gatewayOf = ({ gateway }: Members): { gateway?: string } => {
    if (typeof gateway !== 'string' || gateway === '') return {};
    return isIP(gateway) === 0 ? fail('a gateway that is no address') : { gateway };
  };
  return {
    old: (family) => ({ address: cidrOf(family.ip), ...gatewayOf(family) }),
    new: (ip) => ({
      address: cidrOf(ip.address),
      ...gatewayOf(ip),
      ...(typeof ip.interface === 'number' ? { interface: ip.interface } : {}),
    }),
  };
}

/** What comes of it is written to resolv.conf, a line each. */
function dnsOf(value: unknown, fail: Fail): CniDns {
  if (!isObject(value)) return {};
  const list = (key: string): Record<string, readonly string[]> => {
    const items = value[key];
    if (!Array.isArray(items)) return {};
    const words = items.filter((item) => typeof item === 'string');
    if (words.some((word) => !/^[!-~]{1,255}$/.test(word))) return fail(`a word in dns.${key} that is none`);
    return { [key]: words };
  };
  return {
    ...list('nameservers'),
    ...list('search'),
    ...list('options'),
    ...(typeof value.domain === 'string' ? { domain: value.domain } : {}),
  };
}

function objects(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
