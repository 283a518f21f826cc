// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { openInterfaces } from '@lading/linux';
import { isObject } from '../parse-config.ts';
import { isInterfaceName } from '../plugin-input.ts';
import { hasFirewall } from './firewall.ts';
import { parseIpv4 } from './ipv4.ts';
import { isToldOnly, onlyIpv4Cidr } from './plain.ts';
import { addPortRules, type PlainMapping, type PortRules, removePortRules } from './port-rules.ts';

type Members = Readonly<Record<string, unknown>>;

/** Ports of the host that lead to a container on a bridge. */
export interface PortMapping extends PortRules {
  readonly bridge: string;
}

/** Longer comments are cut off by the plugin, and names are at most twice as long. */
const mostNames = 200;

/**
 * Reads what the plugin `portmap` gets, after a plugin for a bridge. Undefined for what is not plain: other keys, UDP (whose
 * old connections have to be forgotten), IPv6.
 */
export async function portMapping(
  config: Members,
  prevResult: Members,
  portMappings: unknown,
  containerId: string,
): Promise<PortMapping | undefined> {
  const network = String(config.name);
  const isPlain =
    isToldOnly(config, ['snat']) &&
    (config.snat === undefined || config.snat === true) &&
    network.length + containerId.length < mostNames;
  const bridge = await bridgeOf(prevResult);
  const cidr = onlyIpv4Cidr(prevResult);
  if (!isPlain || bridge === undefined || cidr === undefined || !Array.isArray(portMappings))
    return undefined;
  const mappings = portMappings.map(plainMapping);
  if (!mappings.every((mapping) => mapping !== undefined) || !hasFirewall()) return undefined;
  return { network, containerId, bridge, cidr, mappings };
}

export async function mapPorts(mapping: PortMapping): Promise<void> {
  await addPortRules(mapping);
  // What comes from 127.0.0.1 may then leave through the bridge.
  writeFileSync(`/proc/sys/net/ipv4/conf/${mapping.bridge}/route_localnet`, '1');
}

/** Any number of times. */
export async function unmapPorts(mapping: PortMapping): Promise<void> {
  await removePortRules(mapping);
}

/** The interface through which the host reaches the container: that of the plugin `bridge` comes first. */
async function bridgeOf({ interfaces }: Members): Promise<string | undefined> {
  const first: unknown = Array.isArray(interfaces) ? interfaces[0] : undefined;
  if (!isObject(first) || typeof first.name !== 'string' || !isInterfaceName(first.name)) return undefined;
  if (first.sandbox !== undefined && first.sandbox !== '') return undefined;
  using outside = openInterfaces();
  return (await outside.find(first.name))?.kind === 'bridge' ? first.name : undefined;
}

function plainMapping(value: unknown): PlainMapping | undefined {
  if (!isObject(value)) return undefined;
  const { hostPort, containerPort, protocol, hostIP = '' } = value;
  if (!isPort(hostPort) || !isPort(containerPort)) return undefined;
  if ((protocol !== 'tcp' && protocol !== 'sctp') || (hostIP !== '' && parseIpv4(hostIP) === undefined))
    return undefined;
  const hostIp = hostIP === '' || hostIP === '0.0.0.0' ? undefined : String(hostIP);
  return { hostPort, containerPort, protocol, hostIp };
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}
