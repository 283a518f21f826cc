// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode } from '@lading/errors';
import { type Descriptor, type Digest, parseManifestOrIndex } from '@lading/image-spec';
import { readSmall } from '../read-small.ts';
import type { CallOptions } from '../types.ts';
import { filesInFolder, type LayoutFiles } from './layout-files.ts';
import { changeEntries, findEntry, readLayoutIndex } from './layout-index.ts';
import { blobPath, type LayoutReference } from './layout-path.ts';

/**
 * Takes an entry out of a layout, then the blobs that no other entry uses. Blobs in a folder that layouts share
 * stay: who else uses them is not known.
 */
export async function deleteFromLayout(reference: LayoutReference, { signal }: CallOptions): Promise<void> {
  const files = filesInFolder(reference);
  await readLayoutIndex(files); // where there is no layout, none is made
  const local = join(reference.path, 'blobs');
  const unused = new Set<Digest>();
  await changeEntries(
    reference.path,
    async (manifests) => {
      const entry = findEntry(
        {
          schemaVersion: 2,
          manifests:
            reference.digest === undefined
              ? manifests
              : manifests.filter(({ digest }) => digest === reference.digest),
        },
        reference,
      );
      const others = manifests.filter((other) => other !== entry);
      const kept = await blobsBelow(files, others, signal);
      for (const digest of await blobsBelow(files, [entry], signal))
        if (!kept.has(digest)) unused.add(digest);
      return others;
    },
    {
      signal,
      // The entry first: one without blobs would be a broken image.
      after: async () => {
        for (const digest of unused) await rm(blobPath(local, digest), { force: true });
      },
    },
  );
}

/** The digests of entries and of all that they list. What is not there lists nothing. */
async function blobsBelow(
  files: LayoutFiles,
  entries: readonly Descriptor[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<Digest>> {
  const found = new Set<Digest>();
  const waiting = [...entries];
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (found.has(entry.digest)) continue;
    found.add(entry.digest);
    for (const inner of await listed(files, entry, signal)) {
      if ('blob' in inner) found.add(inner.blob);
      else waiting.push(inner.document);
    }
  }
  return found;
}

type Listed = { readonly blob: Digest } | { readonly document: Descriptor };

async function listed(
  files: LayoutFiles,
  entry: Descriptor,
  signal: AbortSignal | undefined,
): Promise<readonly Listed[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readSmall(files.blob(entry, { signal }), `the manifest ${entry.digest}`);
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return [];
    throw error;
  }
  const document = parseManifestOrIndex(bytes, entry.mediaType);
  if (document.kind === 'index') return document.index.manifests.map((inner) => ({ document: inner }));
  const { config, layers } = document.manifest;
  return [config, ...layers].map(({ digest }) => ({ blob: digest }));
}
