// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import {
  inNetworkNamespace,
  type NetworkInterface,
  type NetworkInterfaces,
  openInterfaces,
  randomBytes,
} from '@lading/linux';
import { isNewer } from '../parse-config.ts';
import type { BridgeSettings } from './bridge-settings.ts';
import { ipv4Text } from './ipv4.ts';
import { dropLeases, type LeaseOwner, takeLease } from './leases.ts';
import { addMasquerade, removeMasquerade } from './masquerade.ts';

/** A container's interface on a bridge. */
export interface BridgePort extends LeaseOwner {
  readonly cniVersion: string;
  /** Empty when it is gone. */
  readonly netnsPath: string;
}

/** How long a port may take to pass packets on. */
const pausesMs = [0, 1, 2, 5, 10, 20, 50, 500, 1000, 1000];
const nameTries = 10;

/** What ADD of the plugin `bridge` does, and its result. */
export async function addPort(settings: BridgeSettings, port: BridgePort): Promise<Record<string, unknown>> {
  const { ifName, netnsPath, cniVersion, network, containerId, signal } = port;
  const { leases, isGateway, ipMasq } = settings;
  using outside = openInterfaces();
  const bridge = await ensureBridge(outside, settings);
  const hostName = await connect(outside, bridge, settings, port);
  const address = await takeLease(leases, port);
  const gateway = ipv4Text(leases.gateway);
  const cidr = `${ipv4Text(address)}/${leases.bits}`;
  const rules = ipMasq ? addMasquerade({ network, containerId, cidr, signal }) : Promise.resolve();
  // Both are to be over before anything is taken back.
  const [set, ruled] = await Promise.allSettled([
    configure(settings, port, cidr).then(async (mac) => {
      if (isGateway) await ensureGateway(outside, bridge, `${gateway}/${leases.bits}`);
      return { mac, hostEnd: await running(outside, hostName, signal) };
    }),
    rules,
  ]);
  if (set.status === 'rejected') throw set.reason;
  if (ruled.status === 'rejected') throw ruled.reason;
  const bridgeNow = (await outside.find(settings.bridge)) ?? bridge;
  return {
    cniVersion,
    interfaces: [
      { name: bridge.name, mac: bridgeNow.mac },
      { name: hostName, mac: set.value.hostEnd.mac },
      { name: ifName, mac: set.value.mac, sandbox: netnsPath },
    ],
    ips: [{ ...(isNewer('1.0.0', cniVersion) && { version: '4' }), interface: 2, address: cidr, gateway }],
    routes: settings.routes,
    dns: settings.dns,
  };
}

/** What DEL does: the interface, if its namespace is there, the address and the rules. Any number of times. */
export async function removePort(
  { leases, ipMasq }: BridgeSettings,
  port: BridgePort,
  cidr: string | undefined,
): Promise<void> {
  const { network, containerId, netnsPath, ifName, signal } = port;
  await dropLeases(leases, port);
  const done = await Promise.allSettled([
    netnsPath === '' ? undefined : removeInterface(netnsPath, ifName),
    ipMasq ? removeMasquerade({ network, containerId, cidr, signal }) : undefined,
  ]);
  for (const result of done) if (result.status === 'rejected') throw result.reason;
}

async function removeInterface(netnsPath: string, ifName: string): Promise<void> {
  using inside = openInterfaces(netnsPath);
  const found = await inside.find(ifName);
  if (found !== undefined) await inside.remove(found.index);
}

async function ensureBridge(
  outside: NetworkInterfaces,
  { bridge: name, mtu }: BridgeSettings,
): Promise<NetworkInterface> {
  const known = await outside.find(name);
  if (known?.kind === 'bridge' && known.isRunning) return known;
  if (known === undefined) {
    await outside.addBridge(name, mtu).catch((error: unknown) => {
      // Made by somebody else meanwhile.
      if (LadingError.from(error).reason !== 'EEXIST') throw error;
    });
  }
  const bridge = await outside.find(name);
  if (bridge === undefined || bridge.kind !== 'bridge')
    throw new LadingError(Code.FailedPrecondition, `${name} exists already and is no bridge`);
  trySysctl(`net/ipv6/conf/${name}/accept_ra`, '0');
  await outside.setUp(bridge.index);
  return bridge;
}

/** A cable from the bridge into the namespace; the name of its end out here. */
async function connect(
  outside: NetworkInterfaces,
  bridge: NetworkInterface,
  { mtu, hairpinMode }: BridgeSettings,
  { ifName, netnsPath }: BridgePort,
): Promise<string> {
  const netnsFd = openSync(netnsPath, 'r');
  try {
    for (let tries = 1; ; tries++) {
      const name = `veth${randomBytes(4).toString('hex')}`;
      try {
        await outside.addVeth({ name, mtu, master: bridge.index, peer: { name: ifName, netnsFd } });
      } catch (error) {
        const isTaken =
          LadingError.from(error).reason === 'EEXIST' && (await outside.find(name)) !== undefined;
        if (isTaken && tries < nameTries) continue;
        throw error;
      }
      trySysctl(`net/ipv6/conf/${name}/accept_ra`, '0');
      const end = hairpinMode ? await outside.find(name) : undefined;
      if (end !== undefined) await outside.setHairpin(end.index, true);
      return name;
    }
  } finally {
    closeSync(netnsFd);
  }
}

/** Address and routes of the end in the namespace; its hardware address. */
async function configure(
  { routes, leases }: BridgeSettings,
  { ifName, netnsPath }: BridgePort,
  cidr: string,
): Promise<string> {
  using inside = openInterfaces(netnsPath);
  inNetworkNamespace(netnsPath, () => {
    trySysctl(`net/ipv6/conf/${ifName}/accept_dad`, '0');
    // Its neighbours forget who had the address before.
    trySysctl(`net/ipv4/conf/${ifName}/arp_notify`, '1');
  });
  const end = await inside.find(ifName);
  if (end === undefined) throw new LadingError(Code.Internal, `${ifName} was made and is gone`);
  await inside.addAddress(end.index, cidr);
  await inside.setUp(end.index);
  for (const { dst, gw = ipv4Text(leases.gateway) } of routes) await inside.addRoute(end.index, dst, gw);
  return end.mac;
}

/** The bridge's own address, from which on packets are passed on. */
async function ensureGateway(
  outside: NetworkInterfaces,
  bridge: NetworkInterface,
  cidr: string,
): Promise<void> {
  const known = await outside.addresses(bridge.index);
  const [other] = known;
  if (other !== undefined && !known.includes(cidr))
    throw new LadingError(
      Code.FailedPrecondition,
      `${bridge.name} already has the address ${other}, not ${cidr}`,
    );
  if (other === undefined) {
    await outside.addAddress(bridge.index, cidr).catch((error: unknown) => {
      if (LadingError.from(error).reason !== 'EEXIST') throw error;
    });
    // Or else it would take the lowest one of its ports, and change it as they come and go.
    await outside.setMac(bridge.index, bridge.mac);
  }
  const path = '/proc/sys/net/ipv4/ip_forward';
  if (readFileSync(path, 'utf8').trim() !== '1') writeFileSync(path, '1');
}

async function running(
  outside: NetworkInterfaces,
  name: string,
  signal: AbortSignal | undefined,
): Promise<NetworkInterface> {
  for (const pauseMs of pausesMs) {
    if (pauseMs > 0) await sleep(pauseMs, undefined, signal && { signal });
    const found = await outside.find(name);
    if (found?.isRunning === true) return found;
  }
  throw new LadingError(Code.Unavailable, `the port ${name} of the bridge does not come up`);
}

/** A kernel without IPv6, or a /proc that cannot be written, is no reason to have no network. */
function trySysctl(name: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/${name}`, value);
  } catch (error) {
    const { reason = '' } = LadingError.from(error);
    if (!['ENOENT', 'EROFS', 'EACCES', 'EPERM'].includes(reason)) throw error;
  }
}
