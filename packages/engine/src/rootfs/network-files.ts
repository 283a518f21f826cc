// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import { isMissing } from '../state/atomic-file.ts';
import type { DnsOptions } from '../types/container-options.ts';
import type { NetworkAttachment } from '../types/network.ts';

/** A resolver on the host's own loopback cannot be reached from another namespace. */
const fallbackServers = ['8.8.8.8', '8.8.4.4'];

/** Text of /etc/hosts. */
export function hostsFile(options: {
  readonly hostname: string;
  readonly names?: readonly string[];
  readonly addresses: readonly string[];
  readonly extraHosts?: readonly { readonly hostname: string; readonly ip: string }[];
}): string {
  const lines = ['127.0.0.1\tlocalhost localhost.localdomain localhost4', '::1\tlocalhost localhost6'];
  for (const { hostname, ip } of options.extraHosts ?? []) {
    if (isIP(ip) === 0 || !/^[\w.-]+$/.test(hostname)) {
      throw new LadingError(
        Code.InvalidArgument,
        `the host entry ${JSON.stringify(`${hostname}:${ip}`.slice(0, 120))} must be NAME:IP`,
      );
    }
    lines.push(`${ip}\t${hostname}`);
  }
  const own = [...new Set([options.hostname, ...(options.names ?? [])])].filter(Boolean).join(' ');
  const addresses = options.addresses.length > 0 ? options.addresses : ['127.0.1.1'];
  if (own !== '') for (const address of addresses) lines.push(`${address}\t${own}`);
  return `${lines.join('\n')}\n`;
}

/** Text of /etc/resolv.conf: what was asked for, else what the network gave, else the host's. */
export async function resolvConf(options: {
  readonly dns?: DnsOptions;
  readonly networks: readonly NetworkAttachment[];
  /** The container is in the host's network namespace. */
  readonly hostNetwork: boolean;
  readonly hostFile?: string;
}): Promise<string> {
  const host = parseResolvConf(readHostFile(options.hostFile ?? '/etc/resolv.conf'));
  const given = options.networks.flatMap((network) => network.dns?.nameservers ?? []);
  const reachable = options.hostNetwork ? host.servers : host.servers.filter((server) => !isLoopback(server));
  const servers = firstFilled(
    options.dns?.servers,
    given,
    reachable,
    options.hostNetwork ? [] : fallbackServers,
  );
  const searches = firstFilled(
    options.dns?.searches,
    options.networks.flatMap((network) => network.dns?.search ?? []),
    host.searches,
  );
  const settings = firstFilled(
    options.dns?.options,
    options.networks.flatMap((network) => network.dns?.options ?? []),
    host.options,
  );
  for (const word of [...servers, ...searches, ...settings]) {
    if (!/^[\w.:%-]+$/.test(word)) {
      throw new LadingError(
        Code.InvalidArgument,
        `the DNS setting ${JSON.stringify(word.slice(0, 80))} has characters that resolv.conf cannot hold`,
      );
    }
  }
  return [
    ...(searches.length > 0 && searches[0] !== '.' ? [`search ${searches.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(settings.length > 0 ? [`options ${settings.join(' ')}`] : []),
    '',
  ].join('\n');
}

function parseResolvConf(text: string): Required<DnsOptions> {
  const servers: string[] = [];
  let searches: string[] = [];
  const options: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) servers.push(values[0]);
    if (keyword === 'search' || keyword === 'domain') searches = values;
    if (keyword === 'options') options.push(...values);
  }
  return { servers, searches, options };
}

function readHostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw LadingError.from(error, Code.Internal);
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function firstFilled(...lists: (readonly string[] | undefined)[]): readonly string[] {
  return lists.find((list) => list !== undefined && list.length > 0) ?? [];
}
