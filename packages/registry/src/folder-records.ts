// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, MediaType, parseIndex } from '@lading/image-spec';
import { hasErrno, makeFolder, writeWhole } from './durable.ts';
import { blobPath, layoutPath, uploadsFolder } from './layout-path.ts';
import { digestOf, readManifest } from './manifest-entry.ts';
import { checkDigest, isTag } from './names.ts';
import { addManifest, draftOf, type ManifestEntry, type RepositoryRecord } from './record.ts';
import { createRecords, type RecordStore } from './records.ts';

const tagAnnotation = 'org.opencontainers.image.ref.name';
const layoutMarker = '{"imageLayoutVersion":"1.0.0"}';
const readTogether = 32;

/**
 * Records as the index.json of an OCI image layout a repository: each manifest is there once a tag, or once
 * without one. The folder belongs to this process while it runs: it is read at the start, then only written.
 *
 * @throws DataLoss naming an index.json that cannot be read; `onError` hears of manifests that cannot
 */
export async function createFolderRecords(
  root: string,
  names: Iterable<string>,
  onError: (error: unknown) => void,
): Promise<RecordStore> {
  const records = new Map<string, RepositoryRecord>();
  for (const name of names) {
    const listed = await readIndex(root, name);
    // Without one there are blobs only: no manifest was pushed yet.
    if (listed !== undefined) records.set(name, await readRecord(root, name, listed, onError));
  }
  return createRecords(records, (repository, record) => writeRecord(root, repository, record));
}

async function readIndex(root: string, repository: string): Promise<readonly Descriptor[] | undefined> {
  const path = join(layoutPath(root, repository), 'index.json');
  try {
    return parseIndex(await readFile(path)).manifests;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    const { message } = LadingError.from(error);
    const help = 'bring it back from a copy, or remove it: the repository then begins without tags';
    throw new LadingError(Code.DataLoss, `${path} cannot be read: ${message}; ${help}`, { cause: error });
  }
}

async function readRecord(
  root: string,
  repository: string,
  listed: readonly Descriptor[],
  onError: (error: unknown) => void,
): Promise<RepositoryRecord> {
  const draft = draftOf(undefined);
  const foreign: Descriptor[] = [];
  for (let next = 0; next < listed.length; next += readTogether) {
    const some = listed.slice(next, next + readTogether);
    const entries = await Promise.allSettled(
      some.map((descriptor) => readEntry(root, repository, descriptor)),
    );
    for (const [index, descriptor] of some.entries()) {
      const entry = entries[index];
      const tag = descriptor.annotations?.[tagAnnotation];
      if (entry?.status === 'fulfilled') addManifest(draft, entry.value);
      else onError(unreadable(repository, descriptor, entry?.reason));
      if (entry?.status === 'fulfilled' && (tag === undefined || isTag(tag))) {
        if (tag !== undefined) draft.tags.set(tag, descriptor.digest);
      } else foreign.push(descriptor);
    }
  }
  return { ...draft, foreign };
}

async function readEntry(
  root: string,
  repository: string,
  { digest, mediaType }: Descriptor,
): Promise<ManifestEntry> {
  const bytes = await readFile(blobPath(root, repository, checkDigest(digest)));
  if (digestOf(bytes, digest) !== digest)
    throw new LadingError(Code.DataLoss, 'its bytes have another digest');
  return readManifest(bytes, mediaType, digest).entry;
}

function unreadable(repository: string, { digest }: Descriptor, cause: unknown): LadingError {
  const why = hasErrno(cause, 'ENOENT') ? 'its file is missing' : LadingError.from(cause).message;
  return new LadingError(
    Code.DataLoss,
    `${repository}: the manifest ${digest} is listed but not served: ${why}`,
    { cause },
  );
}

async function writeRecord(root: string, repository: string, record: RepositoryRecord): Promise<void> {
  const { manifests, tags, foreign } = record;
  const folder = layoutPath(root, repository);
  const tagged = new Set(tags.values());
  const described = (digest: Digest) => {
    const { mediaType = '', size = 0 } = manifests.get(digest)?.descriptor ?? {};
    return { mediaType, digest, size };
  };
  // What could not be read and was pushed again is not foreign any more.
  const replaced = ({ digest, annotations }: Descriptor) => {
    const tag = annotations?.[tagAnnotation];
    return tag === undefined ? manifests.has(digest) : isTag(tag) && (tags.has(tag) || manifests.has(digest));
  };
  const index = {
    schemaVersion: 2,
    mediaType: MediaType.ImageIndex,
    manifests: [
      ...[...tags].map(([tag, digest]) => ({ ...described(digest), annotations: { [tagAnnotation]: tag } })),
      ...[...manifests.keys()].filter((digest) => !tagged.has(digest)).map(described),
      ...foreign.filter((descriptor) => !replaced(descriptor)),
    ],
  };
  const uploads = join(root, uploadsFolder);
  await makeFolder(folder);
  const marker = join(folder, 'oci-layout');
  if ((await readFile(marker, 'utf8').catch(() => '')) !== layoutMarker) {
    await writeWhole(marker, layoutMarker, uploads);
  }
  await writeWhole(join(folder, 'index.json'), JSON.stringify(index), uploads);
}
