// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { type Context, withRun } from '../core/context.ts';
import { isMissing } from '../state/atomic-file.ts';
import type { NetworkChoice } from '../types/container-options.ts';
import type { NetworkAttachment } from '../types/network.ts';

const hostsLock = 'hosts';
/** What marks a line as ours; a container may have added others. */
const mark = '\t# network ';

/** A container or a pod that is on named networks. */
interface Peer {
  readonly id: string;
  readonly name: string;
  readonly choices: readonly NetworkChoice[];
  readonly networks: readonly NetworkAttachment[];
  readonly hosts: string;
}

/**
 * Writes into /etc/hosts of each container and pod on named networks who else is on them now. One that comes or goes
 * calls it: there is no daemon that would answer DNS.
 *
 * @param leaving the id of one that is on its way out
 */
export async function refreshPeerHosts(context: Context, leaving?: string): Promise<void> {
  await context.locks.hold(hostsLock, async () => {
    const peers = [...(await liveContainers(context)), ...(await livePods(context))].filter(
      ({ id, choices }) => id !== leaving && choices.length > 0,
    );
    await Promise.all(peers.map((peer) => rewrite(peer.hosts, linesFor(peer, peers))));
  });
}

async function liveContainers(context: Context): Promise<readonly Peer[]> {
  const stored = (await context.containers.list()).filter(({ options }) => options.networks !== undefined);
  const records = await Promise.all(stored.map((record) => withRun(context, record)));
  return records.flatMap(({ id, name, options, run }) =>
    run === undefined || run.bootId !== context.bootId
      ? []
      : {
          id,
          name,
          choices: options.networks ?? [],
          networks: run.networks,
          hosts: join(context.store.containers.runDirectory(id), 'hosts'),
        },
  );
}

async function livePods(context: Context): Promise<readonly Peer[]> {
  return (await context.pods.list())
    .filter(
      (pod) => pod.readyAt !== undefined && pod.stoppedAt === undefined && pod.bootId === context.bootId,
    )
    .map(({ id, name, options, networks, files }) => ({
      id,
      name,
      choices: options.networks ?? [],
      networks,
      hosts: files.hosts,
    }));
}

function linesFor(own: Peer, all: readonly Peer[]): readonly string[] {
  const networks = new Set(own.networks.map(({ network }) => network));
  return all
    .filter(({ id }) => id !== own.id)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((peer) =>
      peer.networks
        .filter(({ network }) => networks.has(network))
        .flatMap(({ network, ips }) => {
          const choice = peer.choices.find(({ name }) => name === network);
          const names = [...new Set([peer.name, ...(choice?.aliases ?? []), peer.id.slice(0, 12)])];
          return ips.map(
            ({ address }) => `${address.replace(/\/\d+$/, '')}\t${names.join(' ')}${mark}${network}`,
          );
        }),
    );
}

async function rewrite(path: string, lines: readonly string[]): Promise<void> {
  try {
    const text = await readFile(path, 'utf8');
    const own = text.split('\n').filter((line) => line !== '' && !line.includes(mark));
    const next = `${[...own, ...lines].join('\n')}\n`;
    // In place: this very file is mounted.
    if (next !== text) await writeFile(path, next);
  } catch (error) {
    // It has just gone.
    if (!isMissing(error)) throw LadingError.from(error);
  }
}
