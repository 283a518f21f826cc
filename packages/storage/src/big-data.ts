// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';
import { replaceFile } from './atomic-file.ts';
import { bigDataFileName } from './big-data-name.ts';
import { algorithmOf } from './image-data.ts';
import { ifThere, makeFolder } from './paths.ts';
import type { DataRecord } from './records.ts';

/** Reads a file that is kept with a record, and checks it against the record. */
export async function readData(
  folder: string,
  record: DataRecord,
  key: string,
  owner: string,
): Promise<Uint8Array | undefined> {
  if (!record.bigDataNames.includes(key)) return undefined;
  const path = join(folder, bigDataFileName(key));
  const bytes = ifThere(() => readFileSync(path));
  const size = Object.hasOwn(record.bigDataSizes, key) ? record.bigDataSizes[key] : undefined;
  const digest = Object.hasOwn(record.bigDataDigests, key) ? record.bigDataDigests[key] : undefined;
  const isWhole =
    bytes !== undefined &&
    (size === undefined || bytes.length === size) &&
    (digest === undefined || (await digestBytes(bytes, algorithmOf(digest))) === digest);
  if (isWhole) return bytes;
  const isImage = owner.startsWith('image');
  throw new LadingError(
    Code.DataLoss,
    `${path} of ${owner} is ${bytes === undefined ? 'missing' : 'not what it was'}; ${isImage ? 'pull the image again' : 'keep it again'}`,
    { reason: 'STORE_DAMAGED' },
  );
}

/** Writes a file that is kept with a record; gives the record that says so, which the caller saves. */
export async function writeItem<R extends DataRecord>(
  folder: string,
  record: R,
  key: string,
  bytes: Uint8Array,
): Promise<R> {
  const digest = await digestBytes(bytes);
  await writeFileOf(folder, key, bytes);
  return {
    ...record,
    bigDataNames: [...new Set([...record.bigDataNames, key])],
    bigDataSizes: { ...record.bigDataSizes, [key]: bytes.length },
    bigDataDigests: { ...record.bigDataDigests, [key]: digest },
  };
}

export async function writeFileOf(folder: string, key: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, bigDataFileName(key));
  makeFolder(folder, 0o700);
  await replaceFile(path, bytes);
}
