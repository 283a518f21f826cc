// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { replaceFile } from './atomic-file.ts';
import { type HeldLock, holdLocks } from './hold-lock.ts';
import { damaged } from './json-fields.ts';
import { ifThere } from './paths.ts';
import type { RecordFormat } from './record-json.ts';

/** The records of one kind at one moment. */
export interface Records<R> {
  readonly all: readonly R[];
  /** By id. */
  get(id: string): R | undefined;
  /** By a name; where two have it, the first, as all tools do. */
  named(name: string): R | undefined;
}

/** The records while nobody else can change them. */
export interface OpenLedger<R> extends Records<R> {
  /**
   * Replaces the records, on disk and in this view. A record stays in the file that it is in; a new one goes into the
   * first, but for one that is named with the name of another file.
   */
  save(records: readonly R[], added?: { readonly id: string; readonly file: FileName }): Promise<void>;
}

/** JSON files of records and the lock file that guards them. */
export interface Ledger<R> {
  /** Records as the last writer left them. Takes the lock for a moment. */
  read(signal?: AbortSignal): Promise<Records<R>>;
  /** Does work under the shared lock. */
  reading<T>(signal: AbortSignal | undefined, work: (records: Records<R>) => Promise<T>): Promise<T>;
  /** Does work under the exclusive lock. */
  writing<T>(signal: AbortSignal | undefined, work: (ledger: OpenLedger<R>) => Promise<T>): Promise<T>;
}

type FileName = 'images' | 'volatile';

interface LedgerFile {
  /** A file without a name takes the records of a name that no file has. */
  readonly name?: FileName;
  readonly path: string;
  /** False for files that are gone with the machine anyway, and are never synced. Default true. */
  readonly durable?: boolean;
}

export interface LedgerOptions<R> {
  /** Taken in this order. */
  readonly lockPaths: readonly string[];
  /** Of two records with one id in two files the first counts, and the other one goes with it. */
  readonly files: readonly LedgerFile[];
  readonly format: RecordFormat<R>;
}

interface Snapshot<R> extends Records<R> {
  readonly state: string;
  /** By file. */
  readonly lists: readonly (readonly R[])[];
}

interface Keyed {
  readonly id: string;
  readonly names?: readonly string[];
}

/**
 * Opens a ledger. Files are read again when the lock file says that somebody wrote, or when one of them was replaced;
 * otherwise the records in memory serve.
 *
 * @throws (from its methods) LadingError `data_loss` with reason `STORE_DAMAGED` for a file that cannot be read
 */
export function openLedger<R extends Keyed>(options: LedgerOptions<R>): Ledger<R> {
  const { lockPaths, files, format } = options;
  // A save writes all records, and most of them are as they were read or written before.
  const sources = new WeakMap<R, unknown>();
  const encoded = new WeakMap<R, string>();
  let kept: Snapshot<R> | undefined;

  function stateOf(lock: HeldLock): string {
    return [lock.lastWrite().toString('base64'), ...files.map(({ path }) => fileState(path))].join(' ');
  }

  function current(lock: HeldLock): Snapshot<R> {
    const state = stateOf(lock);
    if (kept?.state === state) return kept;
    kept = snapshotOf(
      state,
      files.map(({ path }) => load(path)),
    );
    return kept;
  }

  function load(file: string): readonly R[] {
    const values = parseRecords(ifThere(() => readFileSync(file, 'utf8')) ?? '', file);
    return values.map((value, index) => {
      const record = format.decode(value, `${file}: [${index}]`);
      sources.set(record, value);
      return record;
    });
  }

  function encode(record: R): string {
    let text = encoded.get(record);
    if (text === undefined) {
      text = JSON.stringify(sources.get(record) ?? format.encode(record));
      encoded.set(record, text);
    }
    return text;
  }

  async function store(
    { path, durable = true }: LedgerFile,
    before: readonly R[] | undefined,
    after: readonly R[],
  ): Promise<void> {
    if (before?.length === after.length && before.every((record, index) => record === after[index])) return;
    await replaceFile(path, `[${after.map(encode).join(',')}]`, { durable });
  }

  return {
    read: (signal) => holdLocks(lockPaths, { mode: 'shared', signal }, async (lock) => current(lock)),
    reading: (signal, work) =>
      holdLocks(lockPaths, { mode: 'shared', signal }, (lock) => work(current(lock))),
    writing: (signal, work) =>
      holdLocks(lockPaths, { mode: 'exclusive', signal }, (lock) => {
        let view = current(lock);
        return work({
          get all() {
            return view.all;
          },
          get: (id) => view.get(id),
          named: (name) => view.named(name),
          async save(records, added) {
            const before = view.lists;
            const lists = split(before, records, added);
            const isKnown = kept !== undefined;
            kept = undefined;
            // First, so that a crash in between makes others read once too often rather than once too little.
            lock.stamp();
            for (const [index, file] of files.entries()) {
              const [was = [], is = []] = [before[index], lists[index]];
              // Nobody needs an empty file of a second kind.
              if (index > 0 && was.length === 0 && is.length === 0) continue;
              await store(file, isKnown ? was : undefined, is);
            }
            view = snapshotOf(stateOf(lock), lists);
            kept = view;
          },
        });
      }),
  };

  /** The records of each file. */
  function split(
    before: readonly (readonly R[])[],
    records: readonly R[],
    added: { readonly id: string; readonly file: FileName } | undefined,
  ): readonly (readonly R[])[] {
    const places = new Map<string, number>();
    for (const [index, list] of before.entries()) {
      for (const { id } of list) if (!places.has(id)) places.set(id, index);
    }
    const named = files.findIndex(({ name }) => name !== undefined && name === added?.file);
    if (added !== undefined && named >= 0 && !places.has(added.id)) places.set(added.id, named);
    const ids = new Set(records.map(({ id }) => id));
    return files.map((_, index) => [
      ...records.filter(({ id }) => (places.get(id) ?? 0) === index),
      // Not shown, and not lost: as long as the first of that id is there.
      ...(before[index] ?? []).filter(({ id }) => places.get(id) !== index && ids.has(id)),
    ]);
  }
}

function snapshotOf<R extends Keyed>(state: string, lists: readonly (readonly R[])[]): Snapshot<R> {
  const inFiles = new Map<string, number>();
  const all: R[] = [];
  const byId = new Map<string, R>();
  const byName = new Map<string, R>();
  for (const [index, list] of lists.entries()) {
    for (const record of list) {
      if ((inFiles.get(record.id) ?? index) !== index) continue;
      inFiles.set(record.id, index);
      all.push(record);
      if (!byId.has(record.id)) byId.set(record.id, record);
      for (const name of record.names ?? []) if (!byName.has(name)) byName.set(name, record);
    }
  }
  return { state, lists, all, get: (id) => byId.get(id), named: (name) => byName.get(name) };
}

function fileState(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '-' : `${found.ino}.${found.size}.${found.mtimeNs}`;
}

function parseRecords(text: string, file: string): readonly unknown[] {
  if (text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text) ?? [];
  } catch (cause) {
    throw new LadingError(
      Code.DataLoss,
      `${file} is no JSON; nothing was changed, check the store and repair it`,
      { reason: 'STORE_DAMAGED', cause },
    );
  }
  if (!Array.isArray(value)) throw damaged(file, 'a list of records', value);
  return value;
}
