// SPDX-License-Identifier: Apache-2.0
import { isIPv4 } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import { dumpFlags, type NetlinkSocket, openNetlink } from './exchange.ts';
import { attribute, decodeAttributes, type NetlinkMessage, textOf } from './message.ts';

/** A network interface as it is now. */
export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  /** Such as `0a:58:0a:56:4d:02`. */
  readonly mac: string;
  readonly mtu: number;
  /** Such as `bridge` and `veth`; undefined for one of hardware. */
  readonly kind?: string | undefined;
  /** It passes packets on. */
  readonly isRunning: boolean;
}

/** Two interfaces that are the ends of one cable. */
export interface VethRequest {
  readonly name: string;
  /** Default: the kernel's, 1500. */
  readonly mtu?: number | undefined;
  /** Index of the bridge that it belongs to. */
  readonly master?: number;
  readonly peer: {
    readonly name: string;
    /** A descriptor of the network namespace that it is in. */
    readonly netnsFd: number;
  };
}

/**
 * The interfaces of a network namespace, and IPv4 of them. One call at a time. All throw a LadingError with the errno's
 * name as reason.
 */
export interface NetworkInterfaces extends Disposable {
  find(name: string): Promise<NetworkInterface | undefined>;
  /** @throws AlreadyExists */
  addBridge(name: string, mtu?: number): Promise<void>;
  /** Adds a pair; the end that is here is up. @throws AlreadyExists for either name */
  addVeth(request: VethRequest): Promise<void>;
  setUp(index: number): Promise<void>;
  /** Keeps a bridge from taking the address of whatever is connected to it. */
  setMac(index: number, mac: string): Promise<void>;
  /** Lets a port of a bridge get what it sent itself. */
  setHairpin(index: number, isOn: boolean): Promise<void>;
  /** Those of IPv4, in CIDR form. */
  addresses(index: number): Promise<readonly string[]>;
  /** @param cidr of IPv4, such as `10.86.77.2/24` */
  addAddress(index: number, cidr: string): Promise<void>;
  /** @param dst of IPv4 in CIDR form; @param gateway without one it leads to the interface itself */
  addRoute(index: number, dst: string, gateway?: string): Promise<void>;
  /** With the other end of a pair. */
  remove(index: number): Promise<void>;
}

const types = { newLink: 16, delLink: 17, getLink: 18, setLink: 19, newAddr: 20, getAddr: 22, newRoute: 24 };
const create = 0x600; // NLM_F_CREATE, NLM_F_EXCL
const inet = 2; // AF_INET
const bridgeFamily = 7; // AF_BRIDGE
const upFlag = 1; // IFF_UP
const operUp = 6; // IF_OPER_UP
const nested = 0x8000; // NLA_F_NESTED
const linkHeaderBytes = 16;
const addressHeaderBytes = 8;

/**
 * Interfaces of a network namespace through rtnetlink(7), without a program.
 *
 * @param netnsPath a pinned namespace, or `/proc/PID/ns/net`; default: that of this process
 * @example
 * ```ts
 * import { openInterfaces } from '@lading/linux';
 *
 * using interfaces = openInterfaces();
 * console.log((await interfaces.find('lo'))?.index); // → 1
 * ```
 */
export function openInterfaces(netnsPath?: string): NetworkInterfaces {
  const socket = openNetlink(netnsPath);
  const set = (what: string, index: number, attributes: readonly Buffer[], flags = 0): Promise<unknown> =>
    socket.ask({ what, type: types.setLink, body: [linkHeader({ index, flags }), ...attributes] });
  return {
    find: (name) => find(socket, name),
    async addBridge(name, mtu) {
      const body = [linkHeader({}), attribute(3, name), ...mtuOf(mtu), kindOf('bridge')];
      await socket.ask({ what: `bridge ${name}`, type: types.newLink, flags: create, body });
    },
    async addVeth({ name, mtu, master, peer }) {
      const other = [linkHeader({}), attribute(3, peer.name), ...mtuOf(mtu), attribute(28, peer.netnsFd)];
      const body = [
        linkHeader({ flags: upFlag }),
        attribute(3, name),
        ...mtuOf(mtu),
        ...(master === undefined ? [] : [attribute(10, master)]),
        kindOf('veth', [attribute(1, other)]),
      ];
      await socket.ask({ what: `veth ${name} and ${peer.name}`, type: types.newLink, flags: create, body });
    },
    async setUp(index) {
      await set(`interface ${index} up`, index, [], upFlag);
    },
    async setMac(index, mac) {
      await set(`hardware address ${mac}`, index, [
        attribute(1, Buffer.from(mac.replaceAll(':', ''), 'hex')),
      ]);
    },
    async setHairpin(index, isOn) {
      const port = attribute(12 | nested, [attribute(4, Buffer.from([isOn ? 1 : 0]))]);
      const body = [linkHeader({ family: bridgeFamily, index }), port];
      await socket.ask({ what: `hairpin mode of ${index}`, type: types.setLink, body });
    },
    async addresses(index) {
      const body = [addressHeader(0, 0)];
      const all = await socket.ask({ what: 'addresses', type: types.getAddr, flags: dumpFlags, body });
      return all.flatMap(addressOf(index));
    },
    async addAddress(index, cidr) {
      const { bytes, bits } = parseCidr(cidr);
      const body = [
        addressHeader(bits, index),
        attribute(2, bytes),
        attribute(1, bytes),
        ...(bits < 31 ? [attribute(4, broadcastOf(bytes, bits))] : []),
      ];
      await socket.ask({ what: `address ${cidr}`, type: types.newAddr, flags: create, body });
    },
    async addRoute(index, dst, gateway) {
      const { bytes, bits } = parseCidr(dst);
      const via = gateway === undefined ? [] : [attribute(5, parseCidr(`${gateway}/32`).bytes)];
      // The main table; made by an administrator; everywhere or on the link; unicast.
      const header = Buffer.from([inet, bits, 0, 0, 254, 3, gateway === undefined ? 253 : 0, 1, 0, 0, 0, 0]);
      const target = bits === 0 ? [] : [attribute(1, bytes)];
      const body = [header, ...target, ...via, attribute(4, index)];
      await socket.ask({ what: `route to ${dst}`, type: types.newRoute, flags: create, body });
    },
    async remove(index) {
      await socket.ask({
        what: `interface ${index} away`,
        type: types.delLink,
        body: [linkHeader({ index })],
      });
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}

async function find(socket: NetlinkSocket, name: string): Promise<NetworkInterface | undefined> {
  const body = [linkHeader({}), attribute(3, name)];
  try {
    const [link] = await socket.ask({ what: `interface ${name}`, type: types.getLink, body });
    return link && interfaceOf(link);
  } catch (error) {
    if (LadingError.from(error).reason === 'ENODEV') return undefined;
    throw error;
  }
}

function interfaceOf({ body }: NetlinkMessage): NetworkInterface {
  const attributes = decodeAttributes(body, linkHeaderBytes);
  const info = attributes.get(18);
  return {
    index: body.readInt32LE(4),
    name: textOf(attributes.get(3)) ?? '',
    mac:
      attributes
        .get(1)
        ?.toString('hex')
        .replace(/..(?=.)/g, '$&:') ?? '',
    mtu: attributes.get(4)?.readUInt32LE(0) ?? 0,
    kind: info && textOf(decodeAttributes(info, 0).get(1)),
    isRunning: attributes.get(16)?.[0] === operUp,
  };
}

function addressOf(index: number): (message: NetlinkMessage) => readonly string[] {
  return ({ body }) => {
    if (body[0] !== inet || body.readUInt32LE(4) !== index) return [];
    const attributes = decodeAttributes(body, addressHeaderBytes);
    const bytes = attributes.get(2) ?? attributes.get(1);
    return bytes === undefined ? [] : [`${[...bytes].join('.')}/${body[1]}`];
  };
}

function linkHeader({ family = 0, index = 0, flags = 0 }): Buffer {
  const header = Buffer.alloc(linkHeaderBytes);
  header[0] = family;
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(flags, 8);
  header.writeUInt32LE(flags, 12); // only these are changed
  return header;
}

function addressHeader(bits: number, index: number): Buffer {
  const header = Buffer.from([inet, bits, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(index, 4);
  return header;
}

function kindOf(kind: string, data: readonly Buffer[] = []): Buffer {
  return attribute(18, [attribute(1, kind), ...(data.length === 0 ? [] : [attribute(2, data)])]);
}

function mtuOf(mtu: number | undefined): readonly Buffer[] {
  return mtu === undefined ? [] : [attribute(4, mtu)];
}

function parseCidr(cidr: string): { readonly bytes: Buffer; readonly bits: number } {
  const [address = '', prefix = ''] = cidr.split('/');
  const bits = /^\d{1,2}$/.test(prefix) ? Number(prefix) : 33;
  if (!isIPv4(address) || bits > 32)
    throw new LadingError(Code.InvalidArgument, `${JSON.stringify(cidr)} is no IPv4 address in CIDR form`);
  return { bytes: Buffer.from(address.split('.').map(Number)), bits };
}

function broadcastOf(bytes: Buffer, bits: number): Buffer {
  const last = Buffer.alloc(4);
  last.writeUInt32BE((bytes.readUInt32BE(0) | (0xffff_ffff >>> bits)) >>> 0);
  return last;
}
