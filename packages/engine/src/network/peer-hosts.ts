// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { type Context, withRun } from '../core/context.ts';
import { isMissing } from '../state/atomic-file.ts';
import type { ContainerRecord } from '../types/containers.ts';

const hostsLock = 'hosts';
/** What marks a line as ours; a container may have added others. */
const mark = '\t# network ';

/**
 * Writes into /etc/hosts of each container on named networks who else is on them now. One that comes or goes
 * calls it: there is no daemon that would answer DNS.
 *
 * @param leaving the id of one that is on its way out
 */
export async function refreshPeerHosts(context: Context, leaving?: string): Promise<void> {
  await context.locks.hold(hostsLock, async () => {
    const stored = await context.containers.list();
    const records = await Promise.all(
      stored
        .filter(({ id, options }) => id !== leaving && (options.networks ?? []).length > 0)
        .map((record) => withRun(context, record)),
    );
    const live = records.filter(({ run }) => run !== undefined && run.bootId === context.bootId);
    await Promise.all(live.map((record) => rewrite(context, record, linesFor(record, live))));
  });
}

function linesFor(record: ContainerRecord, all: readonly ContainerRecord[]): readonly string[] {
  const networks = new Set((record.run?.networks ?? []).map(({ network }) => network));
  return all
    .filter(({ id }) => id !== record.id)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((peer) =>
      (peer.run?.networks ?? [])
        .filter(({ network }) => networks.has(network))
        .flatMap(({ network, ips }) => {
          const choice = peer.options.networks?.find(({ name }) => name === network);
          const names = [...new Set([peer.name, ...(choice?.aliases ?? []), peer.id.slice(0, 12)])];
          return ips.map(
            ({ address }) => `${address.replace(/\/\d+$/, '')}\t${names.join(' ')}${mark}${network}`,
          );
        }),
    );
}

async function rewrite(context: Context, record: ContainerRecord, lines: readonly string[]): Promise<void> {
  const path = join(context.store.containers.runDirectory(record.id), 'hosts');
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
