// SPDX-License-Identifier: Apache-2.0
import type { RequestListener } from 'node:http';
import type { Authorize } from './authorize.ts';
import { claimFolder } from './claim-folder.ts';
import type { RegistryState } from './context.ts';
import { makeFolder } from './durable.ts';
import { createFolderBlobs } from './folder-blobs.ts';
import { createFolderRecords } from './folder-records.ts';
import { type CollectGarbageOptions, collectGarbage, type Garbage } from './garbage.ts';
import { createHandler } from './handler.ts';
import { findRepositories } from './layout-path.ts';
import { createLocks } from './locks.ts';
import { createManifestCache } from './manifest-cache.ts';
import { createMemoryBlobs } from './memory-blobs.ts';
import { createRecords } from './records.ts';
import { createUploadSessions } from './upload-sessions.ts';

/** Options of {@link createRegistry}. */
export interface RegistryOptions {
  /**
   * The folder to serve; made if it is missing, and for this process alone while it is served. Each
   * repository is an OCI image layout at `NAME/_layout`. Default: none, everything is in memory.
   */
  readonly root?: string | undefined;
  /**
   * Default: every request may pass. For a mount it is also asked about a GET of the blob where it is, with
   * the headers of the POST.
   */
  readonly authorize?: Authorize | undefined;
  /** The least bytes of a chunk that is not the last one (`OCI-Chunk-Min-Length`). Default: no such limit. */
  readonly chunkMinLength?: number | undefined;
  /** Refuse a manifest before its config and layers (`MANIFEST_BLOB_UNKNOWN`). Default: false, in any order. */
  readonly requireBlobs?: boolean | undefined;
  /** An upload that nobody has used for so long is thrown away. Default: 24 hours. */
  readonly uploadExpiryMs?: number | undefined;
  /**
   * Hears of failures of the registry itself, of which clients see only a 500, and of manifests that cannot
   * be read at the start. Default: they are not reported.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A registry without a server of its own. */
export interface Registry {
  /** For `createServer` of node:http or node:https. */
  readonly handler: RequestListener;
  /** Takes away, also while the registry serves, what no manifest needs; gives what that was. */
  collectGarbage(options?: CollectGarbageOptions): Promise<readonly Garbage[]>;
  /** Lets go of the folder. What clients uploaded in part stays there: they may go on when it is served again. */
  close(): Promise<void>;
}

const uploadExpiryMs = 24 * 3_600_000;
const manifestCacheBytes = 32 * 1024 * 1024;

/**
 * Makes a registry in memory or on a folder.
 *
 * @throws DataLoss naming an index.json of the folder that cannot be read; FailedPrecondition when another
 * process serves it
 */
export async function createRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { root, authorize, onError = () => undefined } = options;
  const { blobs, records, release } = root === undefined ? inMemory() : await onFolder(root, onError);
  const uploads = await createUploadSessions(blobs, options.uploadExpiryMs ?? uploadExpiryMs, onError);
  const state: RegistryState = {
    blobs,
    records,
    uploads,
    manifests: createManifestCache(manifestCacheBytes),
    locks: createLocks(),
    authorize,
    chunkMinLength: options.chunkMinLength,
    requireBlobs: options.requireBlobs ?? false,
  };
  return {
    handler: createHandler(state, authorize, onError),
    collectGarbage: (garbageOptions) => collectGarbage(state, garbageOptions),
    async close() {
      uploads.close();
      await release();
    },
  };
}

interface Stores extends Pick<RegistryState, 'blobs' | 'records'> {
  release(): Promise<void>;
}

function inMemory(): Stores {
  const records = createRecords(new Map(), async () => undefined);
  return { blobs: createMemoryBlobs(), records, release: async () => undefined };
}

async function onFolder(root: string, onError: (error: unknown) => void): Promise<Stores> {
  await makeFolder(root);
  const release = await claimFolder(root);
  try {
    const names = await findRepositories(root);
    const records = await createFolderRecords(root, names, onError);
    return { blobs: await createFolderBlobs(root, names), records, release };
  } catch (error) {
    await release();
    throw error;
  }
}
