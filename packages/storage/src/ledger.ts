// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { replaceFile } from './atomic-file.ts';
import { type HeldLock, holdLock } from './hold-lock.ts';
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
   * Replaces the records, on disk and in this view. A record stays in the file that it is in.
   *
   * @param volatileId of a new record for the second file
   */
  save(records: readonly R[], volatileId?: string): Promise<void>;
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

export interface LedgerOptions<R> {
  readonly lockPath: string;
  readonly path: string;
  /** A second file, for records that need not outlive the machine; never synced. */
  readonly volatilePath?: string;
  readonly format: RecordFormat<R>;
  /** False for files that are gone with the machine anyway. Default true. */
  readonly durable?: boolean;
}

interface Snapshot<R> extends Records<R> {
  readonly state: string;
  readonly volatileIds: ReadonlySet<string>;
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
  const { lockPath, path, volatilePath, format, durable = true } = options;
  const paths = volatilePath === undefined ? [path] : [path, volatilePath];
  // A save writes all records, and most of them are as they were read or written before.
  const sources = new WeakMap<R, unknown>();
  const encoded = new WeakMap<R, string>();
  let kept: Snapshot<R> | undefined;

  function stateOf(lock: HeldLock): string {
    return [lock.lastWrite().toString('base64'), ...paths.map(fileState)].join(' ');
  }

  function current(lock: HeldLock): Snapshot<R> {
    const state = stateOf(lock);
    if (kept?.state === state) return kept;
    const [durables, volatiles] = [path, volatilePath].map((file) => (file === undefined ? [] : load(file)));
    kept = snapshotOf(state, durables ?? [], volatiles ?? []);
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
    file: string,
    before: readonly R[] | undefined,
    after: readonly R[],
    isDurable = durable,
  ): Promise<void> {
    if (before?.length === after.length && before.every((record, index) => record === after[index])) return;
    await replaceFile(file, `[${after.map(encode).join(',')}]`, { durable: isDurable });
  }

  return {
    read: (signal) => holdLock(lockPath, { mode: 'shared', signal }, async (lock) => current(lock)),
    reading: (signal, work) => holdLock(lockPath, { mode: 'shared', signal }, (lock) => work(current(lock))),
    writing: (signal, work) =>
      holdLock(lockPath, { mode: 'exclusive', signal }, (lock) => {
        let view = current(lock);
        return work({
          get all() {
            return view.all;
          },
          get: (id) => view.get(id),
          named: (name) => view.named(name),
          async save(records, volatileId) {
            const { volatileIds } = view;
            const inVolatile = (record: R): boolean => volatileIds.has(record.id) || record.id === volatileId;
            const [durables, volatiles] = split(records, inVolatile);
            const [oldDurables, oldVolatiles] = split(view.all, inVolatile);
            const isKnown = kept !== undefined;
            kept = undefined;
            // First, so that a crash in between makes others read once too often rather than once too little.
            lock.stamp();
            await store(path, isKnown ? oldDurables : undefined, durables);
            if (volatilePath !== undefined && (volatiles.length > 0 || oldVolatiles.length > 0)) {
              await store(volatilePath, isKnown ? oldVolatiles : undefined, volatiles, false);
            }
            view = snapshotOf(stateOf(lock), durables, volatiles);
            kept = view;
          },
        });
      }),
  };
}

function snapshotOf<R extends Keyed>(
  state: string,
  durables: readonly R[],
  volatiles: readonly R[],
): Snapshot<R> {
  const all = [...durables, ...volatiles];
  const byId = new Map<string, R>();
  const byName = new Map<string, R>();
  for (const record of all) {
    if (!byId.has(record.id)) byId.set(record.id, record);
    for (const name of record.names ?? []) if (!byName.has(name)) byName.set(name, record);
  }
  return {
    state,
    all,
    volatileIds: new Set(volatiles.map(({ id }) => id)),
    get: (id) => byId.get(id),
    named: (name) => byName.get(name),
  };
}

function split<R>(records: readonly R[], second: (record: R) => boolean): [first: R[], second: R[]] {
  return [records.filter((record) => !second(record)), records.filter(second)];
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
