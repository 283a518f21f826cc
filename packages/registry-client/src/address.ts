// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { inSubnet, parseAddress, parseSubnet, type Subnet } from './ip-address.ts';

const loopback = subnets(['127.0.0.0/8', '::1/128']);
/** What no address of the public network lies in. */
const inward = subnets([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '::/127',
  'fc00::/7',
  'fe80::/9',
  'ff00::/8',
]);
/** IPv6 that carries an IPv4 address, and at which byte: NAT64, 6to4, IPv4-compatible. */
const carriers: readonly (readonly [Subnet, number])[] = [
  ...subnets(['64:ff9b::/96', '::/96']).map((subnet) => [subnet, 12] as const),
  ...subnets(['2002::/16']).map((subnet) => [subnet, 2] as const),
];

/** True for `localhost` and loopback addresses; `hostname` as URL gives it. */
export function isLoopbackHost(hostname: string): boolean {
  return isLocalName(hostname) || contains(loopback, hostname);
}

/** True for names and addresses that lead into the own machine or network, as far as the text tells. */
export function isPrivateHost(hostname: string): boolean {
  return isLocalName(hostname) || isPrivateAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
}

/** True for addresses of the own machine or network; false for what is no address. */
export function isPrivateAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  if (inward.some((subnet) => inSubnet(address, subnet))) return true;
  return carriers.some(([subnet, at]) => {
    const carried = address.subarray(at, at + 4);
    return inSubnet(address, subnet) && inward.some((inner) => inSubnet(carried, inner));
  });
}

/**
 * Where a server sends us next: `location` seen from `base`, refused with `PermissionDenied` and reason
 * `UNSAFE_LOCATION` when it is no place to go.
 *
 * The server is not trusted. With a Location or realm of its choice it could have this program ask addresses
 * that only this program reaches (a cloud's metadata service at 169.254.169.254, an admin page on localhost),
 * or take what was under TLS to a plain connection where others read a signed URL or a token. What a name
 * resolves to is the transport's to check, see `publicOnly` of a request.
 *
 * @param basePrivate true when `base` was reached in the own network, whatever its name
 */
export function nextHop(base: URL, location: string, what: string, basePrivate = false): URL {
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
  if (isPrivateHost(next.hostname) && mustStayPublic(base, next, basePrivate)) {
    throw refuse(`it leads to the private address ${next.host}`);
  }
  next.hash = '';
  return next;
}

/** True when `next`, named by a server in the public network, must not lead into the own one. */
export function mustStayPublic(base: URL, next: URL, basePrivate: boolean): boolean {
  return next.hostname !== base.hostname && !basePrivate && !isPrivateHost(base.hostname);
}

function subnets(texts: readonly string[]): readonly Subnet[] {
  return texts.map(parseSubnet).filter((subnet) => subnet !== undefined);
}

function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost');
}

function contains(list: readonly Subnet[], hostname: string): boolean {
  const address = parseAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
  return address !== undefined && list.some((subnet) => inSubnet(address, subnet));
}
