// SPDX-License-Identifier: Apache-2.0
import { isObject } from '../parse-config.ts';
import { isInterfaceName } from '../plugin-input.ts';
import { type Ipv4, parseIpv4, parseNetwork } from './ipv4.ts';
import { hasOnly, isToldOnly } from './plain.ts';

/** A configuration of the plugins `bridge` and `host-local`, of the plain kind that is done without them. */
export interface BridgeSettings {
  readonly bridge: string;
  readonly isGateway: boolean;
  readonly ipMasq: boolean;
  readonly hairpinMode: boolean;
  readonly mtu: number | undefined;
  readonly leases: LeaseSettings;
  readonly routes: readonly PlainRoute[];
  readonly dns: Readonly<Record<string, unknown>>;
}

/** Which addresses there are to give. */
export interface LeaseSettings {
  readonly dataDir: string;
  readonly first: Ipv4;
  readonly last: Ipv4;
  readonly gateway: Ipv4;
  readonly bits: number;
}

interface PlainRoute {
  readonly dst: string;
  readonly gw?: string;
}

type Members = Readonly<Record<string, unknown>>;

const bridgeKeys = [
  ...['bridge', 'isGateway', 'isDefaultGateway', 'ipMasq', 'hairpinMode', 'mtu', 'ipam', 'dns'],
  ...['forceAddress', 'promiscMode', 'vlan'],
];
const rangeKeys = ['subnet', 'rangeStart', 'rangeEnd', 'gateway'];
const leaseKeys = ['type', 'dataDir', 'ranges', 'routes', ...rangeKeys];

/**
 * Reads what a plugin would get on its stdin. Undefined for whatever is not plain, faults among it: the programs know all
 * of it, and say what is wrong.
 */
export function bridgeSettings(input: Members): BridgeSettings | undefined {
  const { bridge = 'cni0', mtu = 0, dns = {}, ipam } = input;
  const flags = booleans(input, ['isGateway', 'isDefaultGateway', 'ipMasq', 'hairpinMode']);
  // Further ones that are off.
  const isOff = [input.forceAddress, input.promiscMode].every(
    (value) => value === undefined || value === false,
  );
  const isPlain =
    isToldOnly(input, bridgeKeys) &&
    isOff &&
    (input.vlan === undefined || input.vlan === 0) &&
    typeof bridge === 'string' &&
    isInterfaceName(bridge) &&
    Number.isInteger(mtu) &&
    isObject(dns) &&
    isObject(ipam);
  if (!isPlain || flags === undefined) return undefined;
  const leases = leaseSettings(ipam);
  const routes = plainRoutes(ipam.routes);
  if (leases === undefined || routes === undefined) return undefined;
  const hasDefault = routes.some(({ dst, gw }) => dst === everywhere && gw !== undefined);
  return {
    bridge,
    isGateway: flags.isGateway || flags.isDefaultGateway,
    ipMasq: flags.ipMasq,
    hairpinMode: flags.hairpinMode,
    mtu: mtu === 0 ? undefined : Number(mtu),
    leases,
    routes: flags.isDefaultGateway && !hasDefault ? [...routes, { dst: everywhere }] : routes,
    dns,
  };
}

const everywhere = '0.0.0.0/0';

function leaseSettings(ipam: Members): LeaseSettings | undefined {
  const { dataDir = '/var/lib/cni/networks', ranges } = ipam;
  if (ipam.type !== 'host-local' || !hasOnly(ipam, leaseKeys)) return undefined;
  if (typeof dataDir !== 'string' || !dataDir.startsWith('/')) return undefined;
  const range = ipam.subnet === undefined ? onlyRange(ranges) : ranges === undefined ? ipam : undefined;
  if (range === undefined) return undefined;
  const network = parseNetwork(range.subnet);
  if (network === undefined || network.bits > 30) return undefined;
  const inside = (value: unknown, byDefault: Ipv4): Ipv4 | undefined => {
    const address = value === undefined ? byDefault : parseIpv4(value);
    return address !== undefined && address > network.first && address < network.last ? address : undefined;
  };
  const gateway = inside(range.gateway, network.first + 1);
  const first = inside(range.rangeStart, network.first + 1);
  const last = inside(range.rangeEnd, network.last - 1);
  if (gateway === undefined || first === undefined || last === undefined || first > last) return undefined;
  return { dataDir, first, last, gateway, bits: network.bits };
}

/** The one range of the one set of ranges: a container gets an address of each set. */
function onlyRange(ranges: unknown): Members | undefined {
  const [set, ...others]: readonly unknown[] = Array.isArray(ranges) ? ranges : [];
  if (!Array.isArray(set) || others.length > 0 || set.length !== 1) return undefined;
  const range: unknown = set[0];
  return isObject(range) && hasOnly(range, rangeKeys) ? range : undefined;
}

function plainRoutes(routes: unknown): readonly PlainRoute[] | undefined {
  if (routes === undefined || routes === null) return [];
  if (!Array.isArray(routes)) return undefined;
  const found = routes.map((route: unknown): PlainRoute | undefined => {
    if (!isObject(route) || !hasOnly(route, ['dst', 'gw'])) return undefined;
    const { dst, gw } = route;
    if (typeof dst !== 'string' || parseNetwork(dst) === undefined) return undefined;
    if (gw === undefined) return { dst };
    return typeof gw === 'string' && parseIpv4(gw) !== undefined ? { dst, gw } : undefined;
  });
  return found.every((route) => route !== undefined) ? found : undefined;
}

function booleans<Key extends string>(from: Members, keys: readonly Key[]): Record<Key, boolean> | undefined {
  const isKnown = keys.every((key) => from[key] === undefined || typeof from[key] === 'boolean');
  if (!isKnown) return undefined;
  return Object.fromEntries(keys.map((key) => [key, from[key] === true])) as Record<Key, boolean>;
}
