// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import { hasProcess } from '../containers/status.ts';
import { type Context, readContainer, writeContainer, writeRun } from '../core/context.ts';
import type { NetworkChoice } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { NetworkAttachment } from '../types/network.ts';
import { attachAll } from './container-network.ts';
import { refreshPeerHosts } from './peer-hosts.ts';
import { planNamed } from './plan-named.ts';
import { argsOf, freeInterface } from './several-networks.ts';

/** Puts a container on one more network, at once when it runs. The caller holds its lock. */
export async function connectLocked(context: Context, id: string, choice: NetworkChoice): Promise<void> {
  const record = await connectable(context, id);
  const networks = networksOf(record);
  const plan = await planNamed(context, id, choice.name, [], argsOf(choice));
  const name = plan.attachments[0]?.network ?? choice.name;
  if (networks.some((known) => known.name === name)) {
    throw new LadingError(
      Code.AlreadyExists,
      `container ${record.name} is already connected to network ${name}: network is already connected`,
      { reason: 'NETWORK_CONNECTED' },
    );
  }
  const next = withNetworks(record, [...networks, { ...choice, name }]);
  const netns = record.run?.netnsPath;
  if (record.run === undefined || netns === undefined || !(await hasProcess(context, record))) {
    return writeContainer(context, next);
  }
  const ifName = choice.ifName ?? freeInterface(record.run.networks);
  const attached = await attachAll(
    context,
    id,
    netns,
    plan.attachments.map((attachment) => ({ ...attachment, ifName })),
  );
  await save(context, next, [...record.run.networks, ...attached]);
}

/** Takes a container off a network, at once when it runs. The caller holds its lock. */
export async function disconnectLocked(context: Context, id: string, name: string): Promise<void> {
  const record = await connectable(context, id);
  const networks = networksOf(record);
  const connected = record.run?.networks.find(({ network }) => network === name);
  if (connected === undefined && !networks.some((known) => known.name === name)) {
    throw new LadingError(
      Code.NotFound,
      `container ${record.name} is not connected to network ${name}: network is not connected`,
      { reason: 'NETWORK_NOT_CONNECTED' },
    );
  }
  const next = withNetworks(
    record,
    networks.filter((known) => known.name !== name),
  );
  if (record.run === undefined || connected === undefined || !(await hasProcess(context, record))) {
    return writeContainer(context, next);
  }
  // The namespace stays: it is what the other networks are on.
  await releaseAttachment(context, record, connected);
  await save(
    context,
    next,
    record.run.networks.filter((network) => network !== connected),
  );
}

/**
 * Connects a container that runs anew, with the addresses that it has: what somebody else took away on the host, such as
 * rules of a firewall that was restarted, is there again. The caller holds its lock.
 */
export async function reconnectLocked(context: Context, id: string): Promise<void> {
  const record = await readContainer(context, id);
  const { netnsPath, networks = [] } = record.run ?? {};
  if (record.run === undefined || !(await hasProcess(context, record))) {
    throw new LadingError(
      Code.FailedPrecondition,
      `cannot reload network of container ${record.name} unless container network has been configured: start it`,
    );
  }
  if (netnsPath === undefined || networks.length === 0) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} network is not configured, refusing to reload`,
    );
  }
  for (const attachment of networks) await releaseAttachment(context, record, attachment);
  const attached = await attachAll(
    context,
    id,
    netnsPath,
    networks.map((attachment) => ({
      ...attachment,
      args: { ...attachment.args, ...addressesOf(attachment) },
    })),
  );
  await save(context, record, attached);
}

function addressesOf({ ips, mac, network }: NetworkAttachment): Readonly<Record<string, string>> {
  const plain = ips.map(({ address }) => address.replace(/\/\d+$/, ''));
  const [ip, ip6] = [plain.find(isIPv4), plain.find(isIPv6)];
  return argsOf({ name: network, ...(ip && { ip }), ...(ip6 && { ip6 }), ...(mac && { mac }) });
}

async function releaseAttachment(
  context: Context,
  { id, run }: ContainerRecord,
  attachment: NonNullable<ContainerRecord['run']>['networks'][number],
): Promise<void> {
  await context.network?.detach({
    containerId: id,
    attachment,
    ...(run?.netnsPath !== undefined && { netnsPath: run.netnsPath }),
  });
}

async function save(
  context: Context,
  record: ContainerRecord,
  networks: NonNullable<ContainerRecord['networks']>,
): Promise<void> {
  if (record.run !== undefined) await writeRun(context, record.id, { ...record.run, networks });
  await writeContainer(context, { ...record, networks });
  await refreshPeerHosts(context);
}

async function connectable(context: Context, id: string): Promise<ContainerRecord> {
  const record = await readContainer(context, id);
  const { network = 'default' } = record.options;
  const isNamed = !/^(none|host|pod|container:.*|ns:.*)$/.test(network);
  if (record.options.networks !== undefined || (isNamed && record.podId === undefined)) return record;
  throw new LadingError(
    Code.FailedPrecondition,
    `container ${record.name} has the network "${network}": only one on a bridge network can be connected to others`,
  );
}

function networksOf({ options, run }: ContainerRecord): readonly NetworkChoice[] {
  if (options.networks !== undefined) return options.networks;
  const [first] = run?.networks ?? [];
  return [{ name: first?.network ?? options.network ?? 'default' }];
}

function withNetworks(record: ContainerRecord, networks: readonly NetworkChoice[]): ContainerRecord {
  const { network: _network, networks: _networks, ...options } = record.options;
  return {
    ...record,
    options: networks.length > 0 ? { ...options, networks } : { ...options, network: 'none' },
  };
}
