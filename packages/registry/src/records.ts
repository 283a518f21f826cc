// SPDX-License-Identifier: Apache-2.0
import { draftOf, type RecordDraft, type RepositoryRecord } from './record.ts';

/** The records of all repositories. */
export interface RecordStore {
  /** Undefined: no such repository. */
  get(repository: string): RepositoryRecord | undefined;
  /**
   * Changes a record. `change` sees all changes before it, and either throws before it changed anything or
   * succeeds. Resolves with its result when the new record is where it survives the process, if anything
   * does; only then do readers see it.
   */
  update<T>(repository: string, change: (draft: RecordDraft) => T): Promise<T>;
  names(): Iterable<string>;
}

interface Waiting {
  /** Gives what tells the one who waits, once the record is saved. */
  apply(draft: RecordDraft): () => void;
  reject(error: unknown): void;
}

/** Keeps records in memory; changes that come while one is being saved are saved together. */
export function createRecords(
  records: Map<string, RepositoryRecord>,
  save: (repository: string, record: RepositoryRecord) => Promise<void>,
): RecordStore {
  const lines = new Map<string, Waiting[]>();

  async function work(repository: string): Promise<void> {
    for (let batch = lines.get(repository); batch !== undefined && batch.length > 0; ) {
      lines.set(repository, []);
      await saveBatch(repository, batch);
      batch = lines.get(repository);
    }
    lines.delete(repository);
  }

  async function saveBatch(repository: string, batch: readonly Waiting[]): Promise<void> {
    const draft = draftOf(records.get(repository));
    const applied: { readonly tell: () => void; readonly reject: Waiting['reject'] }[] = [];
    for (const { apply, reject } of batch) {
      try {
        applied.push({ tell: apply(draft), reject });
      } catch (error) {
        reject(error);
      }
    }
    if (applied.length === 0) return;
    try {
      await save(repository, draft);
      records.set(repository, draft);
      for (const { tell } of applied) tell();
    } catch (error) {
      for (const { reject } of applied) reject(error);
    }
  }

  return {
    get: (repository) => records.get(repository),
    names: () => records.keys(),
    update: (repository, change) =>
      new Promise((resolve, reject) => {
        const apply = (draft: RecordDraft) => {
          const result = change(draft);
          return () => resolve(result);
        };
        const line = lines.get(repository);
        if (line !== undefined) {
          line.push({ apply, reject });
          return;
        }
        lines.set(repository, [{ apply, reject }]);
        void work(repository);
      }),
  };
}
