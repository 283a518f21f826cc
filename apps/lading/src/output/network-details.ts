// SPDX-License-Identifier: Apache-2.0
import { parseGoTime } from '@lading/go-template';
import type { NamedNetwork } from '../network/networks.ts';

/** What `network inspect` shows, in podman's words. */
export function networkDetails(network: NamedNetwork): Readonly<Record<string, unknown>> {
  return {
    name: network.name,
    id: network.id,
    driver: network.driver,
    network_interface: network.interfaceName,
    created: network.created,
    ...(network.subnets.length > 0 && { subnets: network.subnets }),
    ipv6_enabled: network.subnets.some(({ subnet }) => subnet.includes(':')),
    internal: network.internal,
    // Names are in /etc/hosts: there is no DNS server.
    dns_enabled: false,
    ...(Object.keys(network.labels).length > 0 && { labels: new Map(Object.entries(network.labels)) }),
    ...(Object.keys(network.options).length > 0 && { options: new Map(Object.entries(network.options)) }),
    ipam_options: new Map([['driver', network.ipamDriver]]),
  };
}

/** Templates name the fields of Go's structure: `NetworkInterface` for `network_interface`. */
export function goNames(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const special: Readonly<Record<string, string>> = {
    id: 'ID',
    ipv6_enabled: 'IPv6Enabled',
    dns_enabled: 'DNSEnabled',
    ipam_options: 'IPAMOptions',
  };
  // What the document leaves out is empty here.
  const whole: Readonly<Record<string, unknown>> = {
    labels: new Map(),
    options: new Map(),
    subnets: [],
    ...value,
    created: parseGoTime(String(value.created)),
  };
  return Object.fromEntries(
    Object.entries(whole).map(([key, field]) => [
      special[key] ?? key.replace(/(^|_)([a-z])/g, (_all, _mark, letter: string) => letter.toUpperCase()),
      key === 'subnets' && Array.isArray(field)
        ? field.map((each) => ({ Subnet: each.subnet, Gateway: each.gateway ?? null }))
        : field,
    ]),
  );
}
