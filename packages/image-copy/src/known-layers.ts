// SPDX-License-Identifier: Apache-2.0

import { appendFile, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { Descriptor, Digest } from '@lading/image-spec';
import { makeFolders } from '@lading/linux';
import { formatLine, type KnownBlob, type Line, parseLine } from './known-lines.ts';
import type { LayerCompression } from './types.ts';

/** What is known of layers from earlier copies: which blob came of which, and which repositories have them. */
export interface KnownLayers {
  /** Blobs that hold the same archive as the layer of this digest, compressed in this way; the latest first. */
  find(layer: Digest, compression: LayerCompression): Promise<readonly KnownBlob[]>;
  /** To be told only of what was read and checked. */
  add(layer: Digest, compression: LayerCompression, blob: KnownBlob): Promise<void>;
  /** Repositories of a registry that had a blob, the latest first. */
  repositories(host: string, blob: Digest): Promise<readonly string[]>;
  /** To be told when a repository has a blob. */
  addRepository(host: string, blob: Digest, repository: string): Promise<void>;
}

export interface KnownLayersOptions {
  /** Told once when the file cannot be read or written, which is no reason for a copy to fail. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Of some ten thousand layers; then the file is begun anew. */
const largestBytes = 4 * 1024 * 1024;

/** As many repositories are kept of a blob: one is enough, if it still has it. */
const mostRepositories = 5;

interface Known {
  readonly blobs: Map<string, readonly KnownBlob[]>;
  readonly repositories: Map<string, readonly string[]>;
}

/**
 * Remembers in a file, a line of JSON for each thing, which several programs may add to at once. It can be deleted
 * at any time; a line that cannot be read is passed over. Keep it where no other user can write: who writes to it
 * says which blobs of a registry stand for which.
 */
export function openKnownLayers(path: string, { onWarning }: KnownLayersOptions = {}): KnownLayers {
  let warned = false;
  function warn(error: unknown): void {
    if (!warned) onWarning?.(`what is known of layers is not kept: ${LadingError.from(error).message}`);
    warned = true;
  }
  let reading: Promise<Known> | undefined;

  async function read(): Promise<Known> {
    const known: Known = { blobs: new Map(), repositories: new Map() };
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (!hasCode(LadingError.from(error), Code.NotFound)) warn(error);
      return '';
    });
    for (const line of text.split('\n')) {
      const entry = parseLine(line);
      if (entry !== undefined) note(known, entry);
    }
    return known;
  }

  async function add(known: Known, line: Line): Promise<void> {
    note(known, line);
    try {
      makeFolders(dirname(path), 0o700);
      const { size } = await stat(path).catch(() => ({ size: 0 })); // there is none yet
      if (size > largestBytes) await rm(path, { force: true });
      await appendFile(path, `${formatLine(line)}\n`, { mode: 0o600 });
    } catch (error) {
      warn(error);
    }
  }
  const load = (): Promise<Known> => {
    reading ??= read();
    return reading;
  };

  return {
    find: async (layer, compression) => (await load()).blobs.get(blobKey(layer, compression)) ?? [],
    async add(layer, compression, { digest, size, annotations }) {
      const known = await load();
      const found = known.blobs.get(blobKey(layer, compression)) ?? [];
      if (found.some((blob) => blob.digest === digest)) return;
      await add(known, { layer, compression, blob: { digest, size, ...(annotations && { annotations }) } });
    },
    repositories: async (host, blob) => (await load()).repositories.get(`${host} ${blob}`) ?? [],
    async addRepository(host, blob, repository) {
      const known = await load();
      if (known.repositories.get(`${host} ${blob}`)?.includes(repository)) return;
      await add(known, { host, repository, digest: blob });
    },
  };
}

function blobKey(layer: Digest, compression: LayerCompression): string {
  return `${layer} ${compression}`;
}

function note({ blobs, repositories }: Known, line: Line): void {
  if ('layer' in line) {
    const key = blobKey(line.layer, line.compression);
    const others = (blobs.get(key) ?? []).filter(
      ({ digest }: Pick<Descriptor, 'digest'>) => digest !== line.blob.digest,
    );
    blobs.set(key, [line.blob, ...others]);
    return;
  }
  const key = `${line.host} ${line.digest}`;
  const others = (repositories.get(key) ?? []).filter((name) => name !== line.repository);
  repositories.set(key, [line.repository, ...others].slice(0, mostRepositories));
}
