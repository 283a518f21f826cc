// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net';
import { Code, LadingError } from '@lading/errors';

const loopback = blockList(['127.0.0.0/8', '::1/128']);
const inward = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/128',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]);

/** True for `localhost` and loopback addresses; `hostname` as URL gives it. */
export function isLoopbackHost(hostname: string): boolean {
  return isLocalName(hostname) || contains(loopback, hostname);
}

/** True for names and addresses that lead into the own machine or network, as far as the text tells. */
export function isPrivateHost(hostname: string): boolean {
  return isLocalName(hostname) || contains(inward, hostname);
}

/**
 * Where a server sends us next: `location` seen from `base`, refused with `PermissionDenied` and reason
 * `UNSAFE_LOCATION` when it is no place to go.
 *
 * The server is not trusted. With a Location or realm of its choice it could have this program ask addresses
 * that only this program reaches (a cloud's metadata service at 169.254.169.254, an admin page on localhost),
 * or take what was under TLS to a plain connection where others read a signed URL or a token.
 */
export function nextHop(base: URL, location: string, what: string): URL {
  const next = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  const refuse = (why: string) =>
    new LadingError(Code.PermissionDenied, `${base.host} names a ${what} that is not followed: ${why}`, {
      reason: 'UNSAFE_LOCATION',
      details: { host: base.host },
    });
  if (next === undefined) throw refuse('it is not a URL');
  if (next.protocol !== 'https:' && next.protocol !== 'http:') throw refuse(`its scheme is ${next.protocol}`);
  if (next.username !== '' || next.password !== '') throw refuse('it carries credentials');
  // A registry behind a proxy that ends TLS often does not know that its own address begins with https.
  if (base.protocol === 'https:' && next.protocol === 'http:' && next.host === base.host) {
    next.protocol = 'https:';
  }
  if (base.protocol === 'https:' && next.protocol === 'http:') {
    throw refuse(`it leads from https to http on ${next.host}`);
  }
  if (next.hostname !== base.hostname && isPrivateHost(next.hostname) && !isPrivateHost(base.hostname)) {
    throw refuse(`it leads to the private address ${next.host}`);
  }
  next.hash = '';
  return next;
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix = ''] = subnet.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost');
}

function contains(list: BlockList, hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
