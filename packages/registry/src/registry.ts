// SPDX-License-Identifier: Apache-2.0
import type { RequestListener } from 'node:http';
import { Code, LadingError } from '@lading/errors';
import type { Authorize } from './authorize.ts';
import { checkUnclaimed, claimFolder } from './claim-folder.ts';
import type { RegistryState } from './context.ts';
import { withCors } from './cors.ts';
import { makeFolder } from './durable.ts';
import { createFolderBlobs } from './folder-blobs.ts';
import { createFolderRecords } from './folder-records.ts';
import { type CollectGarbageOptions, collectGarbage, type Garbage } from './garbage.ts';
import { createHandler } from './handler.ts';
import { type Intercept, intercepts, readOnly } from './intercept.ts';
import { findRepositories } from './layout-path.ts';
import { createLocks } from './locks.ts';
import { createManifestCache } from './manifest-cache.ts';
import { createMemoryBlobs } from './memory-blobs.ts';
import { createMetrics } from './metrics.ts';
import { type RequestRecord, withObserver } from './observe.ts';
import { createProxy, type ProxyOptions } from './proxy.ts';
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
  /**
   * Pushes and deletes are refused with 405, and nothing in `root` is written: it may be on a read-only disk,
   * and served by several processes. Default: false.
   */
  readonly readOnly?: boolean | undefined;
  /** Makes the registry a read-only cache of other registries. Default: none. */
  readonly proxy?: ProxyOptions | undefined;
  /** Origins of web pages that may use the registry, or `*` for all. Default: none. */
  readonly cors?: '*' | readonly string[] | undefined;
  /** Shows Prometheus metrics at `/metrics`, to whom `authorize` lets in. Default: false. */
  readonly metrics?: boolean | undefined;
  /** Hears of each request when its answer has ended. */
  readonly onRequest?: ((record: RequestRecord) => void) | undefined;
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
  /**
   * Takes away, also while the registry serves, what no manifest needs; gives what that was.
   *
   * @throws FailedPrecondition when the registry is read-only, but for a dry run
   */
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
 * process serves it; InvalidArgument for options that contradict each other or are not valid
 */
export async function createRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { root, authorize, onError = () => undefined } = options;
  const onlyReads = options.readOnly === true && options.proxy === undefined;
  const { blobs, records, release } =
    root === undefined ? inMemory() : await onFolder(root, onlyReads, onError);
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
  const close = async (): Promise<void> => {
    uploads.close();
    await release();
  };
  try {
    const served = serve(state, options, onError);
    return {
      handler: served.handler,
      async collectGarbage(garbageOptions) {
        if (onlyReads && garbageOptions?.dryRun !== true) {
          throw new LadingError(Code.FailedPrecondition, 'the registry is read-only: nothing is taken away');
        }
        return await collectGarbage(state, garbageOptions);
      },
      async close() {
        await served.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The routes with what the options put before and around them. */
function serve(
  state: RegistryState,
  options: RegistryOptions,
  onError: (error: unknown) => void,
): { readonly handler: RequestListener; close(): Promise<void> } {
  if (options.proxy !== undefined && options.readOnly === false) {
    throw new LadingError(Code.InvalidArgument, 'a cache of other registries (proxy) is always read-only');
  }
  const { cors, onRequest } = options;
  const metrics = options.metrics === true ? createMetrics(state) : undefined;
  const report = (error: unknown): void => {
    metrics?.onError();
    onError(error);
  };
  const proxy =
    options.proxy === undefined ? undefined : createProxy(state, options.proxy, report, metrics?.onCache);
  const before: Intercept[] = [];
  if (metrics !== undefined) before.push(metrics.intercept);
  if (options.readOnly === true || proxy !== undefined) before.push(readOnly);
  if (proxy !== undefined) before.push(proxy.intercept);
  const intercept = before.length === 0 ? undefined : intercepts(before);
  let handler = createHandler(state, options.authorize, report, intercept);
  if (cors !== undefined) handler = withCors(cors, handler);
  if (metrics !== undefined) handler = withObserver(metrics, handler);
  if (onRequest !== undefined) handler = withObserver({ onRequest }, handler);
  return { handler, close: async () => await proxy?.close() };
}

interface Stores extends Pick<RegistryState, 'blobs' | 'records'> {
  release(): Promise<void>;
}

function inMemory(): Stores {
  const records = createRecords(new Map(), async () => undefined);
  return { blobs: createMemoryBlobs(), records, release: async () => undefined };
}

async function onFolder(
  root: string,
  onlyReads: boolean,
  onError: (error: unknown) => void,
): Promise<Stores> {
  if (onlyReads) await checkUnclaimed(root);
  else await makeFolder(root);
  const release = onlyReads ? async () => undefined : await claimFolder(root);
  try {
    const names = await findRepositories(root);
    const records = await createFolderRecords(root, names, onError);
    return { blobs: await createFolderBlobs(root, names, onlyReads), records, release };
  } catch (error) {
    await release();
    throw error;
  }
}
