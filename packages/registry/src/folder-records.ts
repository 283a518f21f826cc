// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, type Digest, MediaType, parseIndex } from '@lading/image-spec';
import { hasErrno } from './folder-blobs.ts';
import { blobPath, layoutFolder, layoutPath } from './layout-path.ts';
import { readManifest } from './manifest-entry.ts';
import { isName } from './names.ts';
import type { ManifestEntry, RecordStore, RepositoryRecord } from './record.ts';

const tagAnnotation = 'org.opencontainers.image.ref.name';

/**
 * Records as the index.json of an OCI image layout a repository: each manifest is there once a tag, or once
 * without one. The folder belongs to this process while it runs: it is read at the start, then only written.
 */
export async function createFolderRecords(root: string): Promise<RecordStore> {
  const records = new Map<string, RepositoryRecord>();
  const writes = new Map<string, Promise<void>>();
  for await (const name of findRepositories(root, '')) records.set(name, await readRecord(root, name));

  return {
    get: (repository) => records.get(repository),
    async set(repository, record) {
      records.set(repository, record);
      // One write after the other, each of what is the newest then: index.json never goes back in time.
      const previous = writes.get(repository) ?? Promise.resolve();
      const write = previous
        .catch(() => undefined) // the request that asked for the previous write has its error
        .then(() => writeRecord(root, repository, records.get(repository) ?? record));
      writes.set(repository, write);
      await write;
    },
    names: () => [...records.keys()],
  };
}

async function* findRepositories(root: string, name: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(root, name), { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const next = name === '' ? entry.name : `${name}/${entry.name}`;
    if (entry.name === layoutFolder && name !== '') yield name;
    else if (isName(next)) yield* findRepositories(root, next);
  }
}

async function readRecord(root: string, repository: string): Promise<RepositoryRecord> {
  const manifests = new Map<Digest, ManifestEntry>();
  const tags = new Map<string, Digest>();
  for (const { digest, mediaType, annotations } of await readIndex(root, repository)) {
    const bytes = await readFile(blobPath(root, repository, digest));
    manifests.set(digest, readManifest(bytes, mediaType, digest).entry);
    const tag = annotations?.[tagAnnotation];
    if (tag !== undefined) tags.set(tag, digest);
  }
  return { manifests, tags };
}

/** A layout without index.json has blobs only: the process ended before the first manifest came. */
async function readIndex(root: string, repository: string): Promise<readonly Descriptor[]> {
  try {
    return parseIndex(await readFile(join(layoutPath(root, repository), 'index.json'))).manifests;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function writeRecord(root: string, repository: string, record: RepositoryRecord): Promise<void> {
  const { manifests, tags } = record;
  const folder = layoutPath(root, repository);
  const tagged = new Set(tags.values());
  const described = (digest: Digest) => {
    const { mediaType = '', size = 0 } = manifests.get(digest)?.descriptor ?? {};
    return { mediaType, digest, size };
  };
  const index = {
    schemaVersion: 2,
    mediaType: MediaType.ImageIndex,
    manifests: [
      ...[...tags].map(([tag, digest]) => ({ ...described(digest), annotations: { [tagAnnotation]: tag } })),
      ...[...manifests.keys()].filter((digest) => !tagged.has(digest)).map(described),
    ],
  };
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeWhole(join(folder, 'index.json'), JSON.stringify(index));
}

/** The old content or the new one, never a part: also after a crash. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
