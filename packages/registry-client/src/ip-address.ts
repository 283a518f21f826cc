// SPDX-License-Identifier: Apache-2.0

/** A block of addresses: `10.0.0.0/8`. */
export interface Subnet {
  readonly base: Uint8Array;
  readonly prefixBits: number;
}

/**
 * The 4 or 16 bytes of an IP address; undefined when the text is none. An IPv4 address in IPv6
 * (`::ffff:10.0.0.1`) is that IPv4 address, since it is where packets go.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  const bytes = text.includes(':') ? parseIpv6(text.replace(/%[^%]*$/, '')) : parseIpv4(text);
  return bytes !== undefined && isMapped(bytes) ? bytes.subarray(12) : bytes;
}

/** A subnet by CIDR; undefined when the text is none. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = '', bits = ''] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const written = address.includes(':') ? 128 : 32;
  const base = parseAddress(address);
  const prefixBits = Number(bits) - (base === undefined ? 0 : written - base.length * 8);
  if (base === undefined || prefixBits < 0 || prefixBits > base.length * 8) return undefined;
  return { base, prefixBits };
}

export function inSubnet(address: Uint8Array, { base, prefixBits }: Subnet): boolean {
  if (address.length !== base.length) return false;
  const whole = prefixBits >> 3;
  for (let at = 0; at < whole; at++) if (address[at] !== base[at]) return false;
  const mask = (0xff00 >> (prefixBits & 7)) & 0xff;
  return whole === address.length || (((address[whole] ?? 0) ^ (base[whole] ?? 0)) & mask) === 0;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  // A leading zero means octal to some readers and nothing to others.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number < 256) ? Uint8Array.from(numbers) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const [head = '', tail, ...more] = text.split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  if (more.length > 0 || before === undefined || after === undefined) return undefined;
  const missing = 16 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...before, ...new Array<number>(missing).fill(0), ...after]);
}

/** The bytes of `a:b:c`, whose last group may be an IPv4 address. */
function groups(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (v4 !== undefined) bytes.push(...v4);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part))
      bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff);
    else return undefined;
  }
  return bytes.length > 16 ? undefined : bytes;
}

function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 &&
    bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff
  );
}
