// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestHex, parseDigest } from '@lading/image-spec';
import { bigDataFileName } from '../big-data-name.ts';
import { ifThere, type Paths } from '../paths.ts';
import type { DataRecord, LayerRecord } from '../records.ts';
import { type Fault, newFault, shown } from './fault.ts';

/** Items of big data of an image or container: all there, of the right size, and with the right digest. */
export function* checkData(
  subject: 'image' | 'container',
  folder: string,
  record: DataRecord,
): Generator<Fault> {
  const { id } = record;
  for (const key of record.bigDataNames) {
    const path = dataPath(folder, id, key);
    const bytes = path === undefined ? undefined : ifThere(() => readFileSync(path));
    if (bytes === undefined) {
      yield newFault(`${subject}-data-missing`, { id, path }, `data item ${shown(key)}`);
    } else if (bytes.length !== (record.bigDataSizes[key] ?? bytes.length)) {
      yield newFault(`${subject}-data-size`, { id, path }, `data item ${shown(key)}`);
    } else if (subject === 'image' && !matches(bytes, checkableDigest(key, record)) && !isSchema1(bytes)) {
      yield newFault('image-data-digest', { id, path }, `data item ${shown(key)}`);
    }
  }
}

/** Items of big data of a layer, of which only the names are known. */
export function* checkLayerData(paths: Paths, layer: LayerRecord): Generator<Fault> {
  for (const key of layer.bigDataNames) {
    const path = dataPath(paths.layers, layer.id, key);
    if (path !== undefined && ifThere(() => statSync(path)) !== undefined) continue;
    yield newFault('layer-data-missing', { id: layer.id, path }, `data item ${shown(key)}`);
  }
}

function dataPath(folder: string, id: string, key: string): string | undefined {
  try {
    return join(folder, id, bigDataFileName(key));
  } catch {
    return undefined; // a key that no tool can have stored
  }
}

/** The digest that an item must have. Some have had digests of their own making: only a key that holds one binds. */
function checkableDigest(key: string, { bigDataDigests }: DataRecord): Digest | undefined {
  const digest = bigDataDigests[key];
  return digest?.startsWith('sha256:') && key.endsWith(digestHex(digest)) ? digest : undefined;
}

function matches(bytes: Uint8Array, digest: Digest | undefined): boolean {
  return digest === undefined || sha256Of(bytes) === digest;
}

export function sha256Of(bytes: Uint8Array | string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

/** Docker's first manifests, whose digests leave their signatures out. */
function isSchema1(bytes: Uint8Array): boolean {
  return /"schemaVersion"\s*:\s*1\b/.test(Buffer.from(bytes).toString('latin1'));
}
