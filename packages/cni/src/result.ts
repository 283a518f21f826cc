// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isObject, newestVersion } from './parse-config.ts';
import type { CniAddress, CniDns, CniResult, CniRoute } from './types.ts';

/** A plugin's result in the form of CNI 1.1: those of 0.1 and 0.2 had one address of each family under names of their own. */
export function toNewestResult(result: Readonly<Record<string, unknown>>): CniResult {
  const old = ['ip4', 'ip6'].map((key) => result[key]).filter(isObject);
  const ips: CniAddress[] = old.length > 0 ? old.map(oldAddress) : objects(result.ips).map(newAddress);
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
    dns: dnsOf(result.dns),
  };
}

function oldAddress(family: Record<string, unknown>): CniAddress {
  return {
    address: cidrOf(family.ip),
    ...(typeof family.gateway === 'string' ? { gateway: family.gateway } : {}),
  };
}

function newAddress(ip: Record<string, unknown>): CniAddress {
  return {
    address: cidrOf(ip.address),
    ...(typeof ip.gateway === 'string' ? { gateway: ip.gateway } : {}),
    ...(typeof ip.interface === 'number' ? { interface: ip.interface } : {}),
  };
}

/** It goes into hosts files and reports: nothing but an address may. */
function cidrOf(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/.test(value)) return value;
  throw new LadingError(Code.Internal, 'a CNI plugin gave an address that is not in CIDR form', {
    reason: 'CNI_RESULT',
  });
}

function dnsOf(value: unknown): CniDns {
  if (!isObject(value)) return {};
  const list = (key: string): Record<string, readonly string[]> => {
    const items = value[key];
    return Array.isArray(items) ? { [key]: items.filter((item) => typeof item === 'string') } : {};
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
