// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, isDigest } from '@lading/image-spec';
import type { LayerCompression } from './types.ts';

/** A blob that a layer has become. */
export type KnownBlob = Pick<Descriptor, 'digest' | 'size' | 'annotations'>;

/** A line of the file of known layers: what a layer became, or where a blob is. */
export type Line =
  | { readonly layer: Digest; readonly compression: LayerCompression; readonly blob: KnownBlob }
  | { readonly host: string; readonly repository: string; readonly digest: Digest };

const compressions: readonly string[] = ['gzip', 'zstd', 'zstd:chunked'] satisfies LayerCompression[];

export function formatLine(line: Line): string {
  if ('host' in line) return JSON.stringify(line);
  const { layer, compression, blob } = line;
  return JSON.stringify({ layer, compression, ...blob });
}

/** Undefined for what two writers or a machine that went down have left. */
export function parseLine(text: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { host, repository, layer, compression, digest, size, annotations } = value as Readonly<
    Record<string, unknown>
  >;
  if (!isDigest(digest)) return undefined;
  if (typeof host === 'string' && typeof repository === 'string') {
    const fits = /^[\w.:[\]-]{1,300}$/.test(host) && /^[a-z0-9][a-z0-9._/-]{0,254}$/.test(repository);
    return fits ? { host, repository, digest } : undefined;
  }
  if (!isDigest(layer) || !isCompression(compression)) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size <= 0) return undefined;
  if (annotations === undefined) {
    // Without its annotations nobody would find its table of contents.
    return compression === 'zstd:chunked' ? undefined : { layer, compression, blob: { digest, size } };
  }
  return areTexts(annotations) ? { layer, compression, blob: { digest, size, annotations } } : undefined;
}

function isCompression(value: unknown): value is LayerCompression {
  return typeof value === 'string' && compressions.includes(value);
}

function areTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((item) => typeof item === 'string');
}
