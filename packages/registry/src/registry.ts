// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import type { Authorize } from './authorize.ts';
import { createFolderBlobs } from './folder-blobs.ts';
import { createFolderRecords } from './folder-records.ts';
import { createHandler } from './handler.ts';
import { createMemoryBlobs } from './memory-blobs.ts';
import { createMemoryRecords } from './record.ts';
import { createUploadSessions } from './upload-sessions.ts';

/** Options of {@link createRegistry}. */
export interface RegistryOptions {
  /**
   * The folder to serve; made if it is missing, and for this process alone while it is served. Each
   * repository is an OCI image layout at `NAME/_layout`. Default: none, everything is in memory.
   */
  readonly root?: string | undefined;
  /** Default: every request may pass. */
  readonly authorize?: Authorize | undefined;
  /** Hears of failures of the registry itself; clients see only a 500. Default: they are not reported. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A registry without a server of its own. */
export interface Registry {
  /** For `createServer` of node:http or node:https. */
  readonly handler: RequestListener;
  /** Throws unfinished uploads away. */
  close(): Promise<void>;
}

/** Makes a registry in memory or on a folder. Rejects when the folder cannot be read as one. */
export async function createRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { root, authorize, onError = () => undefined } = options;
  if (root !== undefined) await mkdir(root, { recursive: true });
  const blobs = root === undefined ? createMemoryBlobs() : await createFolderBlobs(root);
  const records = root === undefined ? createMemoryRecords() : await createFolderRecords(root);
  const uploads = createUploadSessions(blobs);
  return {
    handler: createHandler({ blobs, records, uploads }, authorize, onError),
    close: () => uploads.close(),
  };
}
