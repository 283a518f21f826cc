// SPDX-License-Identifier: Apache-2.0
import { createServer, isIP } from 'node:net';
import { usageError } from '@lading/command-line';
import type { PortMapping } from '@lading/engine';
import { quote } from '@lading/go-template';

/** A mapping whose port on the host may still have to be chosen. */
export type WantedPort = Omit<PortMapping, 'hostPort'> & { readonly hostPort?: number };

/** All of `--publish`; a port of the host that is not named is chosen among the free ones. */
export async function readPublishFlags(texts: readonly string[]): Promise<PortMapping[]> {
  const mappings: PortMapping[] = [];
  for (const wanted of texts.flatMap(parsePublish)) {
    mappings.push({ ...wanted, hostPort: wanted.hostPort ?? (await freePort(wanted.hostIp)) });
  }
  return mappings;
}

/** `[[IP:][HOSTPORT]:]PORT[/PROTOCOL]`, ports also as ranges `8000-8002`. */
export function parsePublish(text: string): WantedPort[] {
  const [spec = '', protocol = 'tcp', ...rest] = text.split('/');
  if (rest.length > 0 || (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')) {
    throw usageError(`unrecognized protocol in ${quote(text)}: use tcp, udp or sctp`);
  }
  const match = /^(?:(?:(\[[\da-fA-F:.]+\]|[\d.]*):)?([\d-]*):)?([\d-]+)$/.exec(spec);
  if (match === null)
    throw usageError(`invalid port mapping ${quote(text)}: use [[IP:][HOSTPORT]:]PORT[/PROTOCOL]`);
  const hostIp = (match[1] ?? '').replace(/^\[|\]$/g, '');
  if (hostIp !== '' && isIP(hostIp) === 0)
    throw usageError(`invalid IP address in port mapping ${quote(text)}`);
  const inside = parseRange(match[3] ?? '', text);
  const outside = match[2] === undefined || match[2] === '' ? undefined : parseRange(match[2], text);
  if (outside !== undefined && outside.length !== inside.length) {
    throw usageError(`port ranges in ${quote(text)} do not have the same length`);
  }
  return inside.map((containerPort, index) => {
    const hostPort = outside?.[index];
    return {
      containerPort,
      protocol,
      ...(hostPort === undefined ? {} : { hostPort }),
      ...(hostIp === '' ? {} : { hostIp }),
    };
  });
}

function parseRange(text: string, whole: string): number[] {
  const [first = 0, last = first, ...rest] = text.split('-').map(Number);
  const valid = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (rest.length > 0 || !valid(first) || !valid(last) || last < first) {
    throw usageError(`invalid port number in ${quote(whole)}`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

async function freePort(hostIp: string | undefined): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: hostIp ?? '0.0.0.0' }, resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  if (address === null || typeof address === 'string') throw usageError('no free port was found');
  return address.port;
}
