// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type EntryChange, rewriteLayer } from '@lading/layer';
import type { Store } from '@lading/storage';

/** What a container has changed of its image: files that are new or other, and the names of those that are gone. */
export async function writeRootfsDiff(
  store: Store,
  id: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deleted: string[] = [];
  for await (const { kind, path } of store.containers.changes(id, { ...(signal && { signal }) }))
    if (kind === 'deleted') deleted.push(path);
  if (deleted.length > 0) await writeFile(join(folder, 'deleted.files'), JSON.stringify(deleted));
  const { tar } = rewriteLayer(store.containers.diff(id, { ...(signal && { signal }) }), unlessWhiteout);
  const file = createWriteStream(join(folder, 'rootfs-diff.tar'), { flags: 'wx', mode: 0o600 });
  await pipeline(tar, file, { ...(signal && { signal }) });
}

/** It is unpacked as a plain archive. */
const unlessWhiteout: EntryChange = (entry) =>
  basename(entry.name.toString('latin1')).startsWith('.wh.') ? undefined : entry;
