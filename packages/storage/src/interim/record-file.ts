// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';

/** A record as it stands in the file; fields that this package does not know are kept. */
export type RawRecord = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * Reads one of the store's JSON files. One that is missing or empty has no records.
 *
 * @throws LadingError `data_loss` naming the file
 */
export async function readRecords(path: string): Promise<readonly RawRecord[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const error = LadingError.from(cause);
    if (hasCode(error, Code.NotFound)) return [];
    throw error;
  }
  if (text.trim() === '') return [];
  const corrupt = (fault: string, cause?: unknown): LadingError =>
    new LadingError(
      Code.DataLoss,
      `${path} is corrupt: ${fault}; restore it from a backup, or reset the store`,
      { reason: 'STORE_CORRUPT', cause },
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw corrupt('it is not JSON', cause);
  }
  if (json === null) return [];
  if (!Array.isArray(json)) throw corrupt('it is not a list');
  return json.map((record: unknown, i): RawRecord => {
    if (typeof record === 'object' && record !== null && 'id' in record && typeof record.id === 'string')
      return record as RawRecord;
    throw corrupt(`record ${i} has no id`);
  });
}

/** Replaces the file as a whole: nobody ever sees half of it. Fields are written in the order that Go writes them. */
export async function writeRecords(
  path: string,
  records: readonly object[],
  order: readonly string[],
): Promise<void> {
  const text = JSON.stringify(records.map((record) => inOrder(record, order)));
  await writeWhole(path, text, true);
}

/** @param durable false for what does not outlive a boot anyway */
export async function writeWhole(path: string, data: string | Uint8Array, durable: boolean): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${basename(path)}${randomBytes(4).readUInt32LE()}`);
  try {
    {
      await using file = await open(temporary, 'wx', 0o600);
      await file.writeFile(data);
      if (durable) await file.datasync();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw LadingError.from(error);
  }
}

function inOrder(record: object, order: readonly string[]): object {
  const place = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => place(a) - place(b)));
}
