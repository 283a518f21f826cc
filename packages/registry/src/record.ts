// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest } from '@lading/image-spec';

/** A manifest of a repository: its descriptor as the referrers API shows it, and what it is about. */
export interface ManifestEntry {
  readonly descriptor: Descriptor;
  readonly subject?: Digest;
}

/** Manifests and tags of one repository. */
export interface RepositoryRecord {
  readonly manifests: ReadonlyMap<Digest, ManifestEntry>;
  readonly tags: ReadonlyMap<string, Digest>;
}

/** The records of all repositories. */
export interface RecordStore {
  /** Undefined: no such repository. */
  get(repository: string): RepositoryRecord | undefined;
  /** Resolves when the record is where it survives the process, if anything does. */
  set(repository: string, record: RepositoryRecord): Promise<void>;
  names(): readonly string[];
}

/** Records that end with the process. */
export function createMemoryRecords(): RecordStore {
  const records = new Map<string, RepositoryRecord>();
  return {
    get: (repository) => records.get(repository),
    async set(repository, record) {
      records.set(repository, record);
    },
    names: () => [...records.keys()],
  };
}
