// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { createHasher } from '@lading/image-spec';
import { removeAbandoned } from './abandoned-files.ts';
import { readJson, writeJson } from './atomic-file.ts';
import { createJsonReader } from './json-reader.ts';
import { namesIn } from './names-in.ts';

interface Named {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
}

/** One kind of record on disk, `<folder>/<id>.json`, with an index of names that can be made anew. */
export interface RecordFolder<R extends Named> {
  get(id: string): Promise<R | undefined>;
  /** All records: the same list for as long as none has changed. */
  list(): Promise<readonly R[]>;
  /** Ids of all records, without reading them. */
  ids(): Promise<string[]>;
  /** Id of the record with this very name. */
  idOfName(name: string): Promise<string | undefined>;
  /** Writes the record and its name. The caller holds the lock of names and has seen that it is free. */
  add(record: R, options: { durable: boolean }): Promise<void>;
  replace(record: R, options: { durable: boolean }): Promise<void>;
  /** The caller holds the lock of names. */
  rename(record: R, formerName: string): Promise<void>;
  delete(record: Named): Promise<void>;
  /** Takes away what processes that were killed have left of files that they wrote for it. */
  clear(id: string, name: string): Promise<void>;
  /**
   * The id of what is meant by a full id, a name, or a unique prefix of an id.
   * @throws NotFound, InvalidArgument for an ambiguous prefix
   */
  resolve(ref: string): Promise<string>;
}

const idPattern = /^[0-9a-f]{64}$/;

/** @param noun for messages: `container` or `pod` */
export function openRecordFolder<R extends Named>(folder: string, noun: string): RecordFolder<R> {
  const names = join(folder, '../names', noun);
  const recordPath = (id: string): string => join(folder, `${id}.json`);
  const records = createJsonReader();
  let listed: { readonly from: object; readonly list: readonly R[] } | undefined;
  // Hashed: a name may be longer than a file name can be.
  const namePath = (name: string): string => {
    const hasher = createHasher('sha256');
    hasher.update(Buffer.from(name));
    return join(names, hasher.digest('hex'));
  };

  async function get(id: string): Promise<R | undefined> {
    if (!idPattern.test(id)) return undefined;
    const value = await records.read(recordPath(id));
    return value === undefined ? undefined : recordOf(id, value);
  }

  function recordOf(id: string, value: unknown): R {
    if (isRecord<R>(value, id)) return value;
    throw new LadingError(Code.DataLoss, `${recordPath(id)} is not a ${noun} of this version of Lading`);
  }

  async function ids(): Promise<string[]> {
    return (await namesIn(folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -5))
      .filter((id) => idPattern.test(id));
  }

  async function idOfName(name: string): Promise<string | undefined> {
    const entry = await readJson(namePath(name));
    if (typeof entry === 'string' && (await get(entry))?.name === name) return entry;
    return undefined;
  }

  async function clear(id: string, name: string): Promise<void> {
    await removeAbandoned(folder, `${id}.json.`);
    await removeAbandoned(names, `${basename(namePath(name))}.`);
  }

  return {
    get,
    ids,
    idOfName,
    async list() {
      const all = await records.readAll(folder);
      if (listed?.from !== all) {
        const known = [...all].filter(([id]) => idPattern.test(id));
        listed = { from: all, list: known.map(([id, value]) => recordOf(id, value)) };
      }
      return listed.list;
    },
    async add(record, { durable }) {
      mkdirSync(names, { recursive: true, mode: 0o700 });
      await writeJson(recordPath(record.id), record, { durable });
      // Second, so that an entry never leads to a record that is still to come; a record without an
      // entry is found by `resolve` all the same.
      await writeJson(namePath(record.name), record.id);
    },
    replace: (record, { durable }) => writeJson(recordPath(record.id), record, { durable }),
    async rename(record, formerName) {
      await writeJson(namePath(record.name), record.id);
      await writeJson(recordPath(record.id), record, { durable: true });
      rmSync(namePath(formerName), { force: true });
    },
    async delete(record) {
      const owner = await readJson(namePath(record.name));
      if (owner === record.id) rmSync(namePath(record.name), { force: true });
      rmSync(recordPath(record.id), { force: true });
      await clear(record.id, record.name);
    },
    clear,
    async resolve(ref) {
      if (idPattern.test(ref) && (await get(ref)) !== undefined) return ref;
      const named = await idOfName(ref);
      if (named !== undefined) return named;
      const all = await ids();
      // The index may have lost an entry in a power cut.
      for (const record of await Promise.all(all.map(get))) if (record?.name === ref) return record.id;
      const matches = /^[0-9a-f]{1,64}$/.test(ref) ? all.filter((id) => id.startsWith(ref)) : [];
      if (matches.length > 1) {
        throw new LadingError(
          Code.InvalidArgument,
          `"${ref}" is the start of ${matches.length} ${noun} ids; give more of it`,
        );
      }
      const [id] = matches;
      if (id === undefined) {
        throw new LadingError(Code.NotFound, `no ${noun} with name or id "${ref}" found`, {
          reason: `${noun.toUpperCase()}_UNKNOWN`,
        });
      }
      return id;
    },
  };
}

function isRecord<R extends Named>(value: unknown, id: string): value is R {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'id' in value &&
    value.id === id &&
    'name' in value &&
    typeof value.name === 'string'
  );
}
