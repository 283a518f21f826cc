// SPDX-License-Identifier: Apache-2.0
import { appendFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, isDigest } from '@lading/image-spec';
import type { LayerCompression } from './types.ts';

/** What is known of layers that were compressed: which blob came of which. */
export interface KnownLayers {
  /** Blobs that hold the same archive as the layer of this digest, compressed in this way; the latest first. */
  find(layer: Digest, compression: LayerCompression): Promise<readonly Pick<Descriptor, 'digest' | 'size'>[]>;
  /** To be told only of what was read and checked. */
  add(layer: Digest, compression: LayerCompression, blob: Pick<Descriptor, 'digest' | 'size'>): Promise<void>;
}

export interface KnownLayersOptions {
  /** Told once when the file cannot be read or written, which is no reason for a copy to fail. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Of some ten thousand layers; then the file is begun anew. */
const largestBytes = 4 * 1024 * 1024;

/**
 * Remembers in a file, a line of JSON for each layer, which several programs may add to at once. It can be deleted
 * at any time; a line that cannot be read is passed over. Keep it where no other user can write: who writes to it
 * says which blobs of a registry stand for which.
 */
export function openKnownLayers(path: string, { onWarning }: KnownLayersOptions = {}): KnownLayers {
  let warned = false;
  function warn(error: unknown): void {
    if (!warned) onWarning?.(`what is known of layers is not kept: ${LadingError.from(error).message}`);
    warned = true;
  }
  let lines: Promise<Map<string, Pick<Descriptor, 'digest' | 'size'>[]>> | undefined;
  const keyOf = (layer: Digest, compression: LayerCompression): string => `${layer} ${compression}`;

  async function read(): Promise<Map<string, Pick<Descriptor, 'digest' | 'size'>[]>> {
    const known = new Map<string, Pick<Descriptor, 'digest' | 'size'>[]>();
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (!hasCode(LadingError.from(error), Code.NotFound)) warn(error);
      return '';
    });
    for (const line of text.split('\n')) {
      const entry = parseLine(line);
      if (entry === undefined) continue;
      const key = keyOf(entry.layer, entry.compression);
      const { digest, size } = entry;
      known.set(key, [{ digest, size }, ...(known.get(key) ?? []).filter((blob) => blob.digest !== digest)]);
    }
    return known;
  }

  async function write(line: Line): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const { size } = await stat(path).catch(() => ({ size: 0 })); // there is none yet
    if (size > largestBytes) await rm(path, { force: true });
    await appendFile(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  return {
    async find(layer, compression) {
      lines ??= read();
      return (await lines).get(keyOf(layer, compression)) ?? [];
    },
    async add(layer, compression, { digest, size }) {
      const found = await this.find(layer, compression);
      if (found.some((blob) => blob.digest === digest)) return;
      try {
        await write({ layer, compression, digest, size });
      } catch (error) {
        warn(error);
      }
      lines = undefined;
    },
  };
}

interface Line extends Pick<Descriptor, 'digest' | 'size'> {
  readonly layer: Digest;
  readonly compression: LayerCompression;
}

function parseLine(text: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // two writers, or a machine that went down
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { layer, compression, digest, size } = value as Readonly<Record<string, unknown>>;
  if (!isDigest(layer) || !isDigest(digest) || (compression !== 'gzip' && compression !== 'zstd')) {
    return undefined;
  }
  return typeof size === 'number' && Number.isSafeInteger(size) && size > 0
    ? { layer, compression, digest, size }
    : undefined;
}
