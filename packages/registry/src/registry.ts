// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { Code, LadingError } from '@lading/errors';
import type { Authorize } from './authorize.ts';
import { withCors } from './cors.ts';
import { createFolderBlobs } from './folder-blobs.ts';
import { createFolderRecords } from './folder-records.ts';
import { createHandler } from './handler.ts';
import { intercepts, readOnly } from './intercept.ts';
import { createMemoryBlobs } from './memory-blobs.ts';
import { createMetrics } from './metrics.ts';
import { type RequestRecord, withObserver } from './observe.ts';
import { createProxy, type ProxyOptions } from './proxy.ts';
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
  /** Pushes and deletes are refused with 405. Default: false. */
  readonly readOnly?: boolean | undefined;
  /** Makes the registry a read-only cache of other registries. Default: none. */
  readonly proxy?: ProxyOptions | undefined;
  /** Origins of web pages that may use the registry, or `*` for all. Default: none. */
  readonly cors?: '*' | readonly string[] | undefined;
  /** Shows Prometheus metrics at `/metrics`, to whom `authorize` lets in. Default: false. */
  readonly metrics?: boolean | undefined;
  /** Hears of each request when its answer has ended. */
  readonly onRequest?: ((record: RequestRecord) => void) | undefined;
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

/**
 * Makes a registry in memory or on a folder. Rejects when the folder cannot be read as one.
 *
 * @throws InvalidArgument for options that contradict each other or are not valid
 */
export async function createRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { root, authorize, cors, onRequest, onError = () => undefined } = options;
  if (options.proxy !== undefined && options.readOnly === false) {
    throw new LadingError(Code.InvalidArgument, 'a cache of other registries (proxy) is always read-only');
  }
  if (root !== undefined) await mkdir(root, { recursive: true });
  const blobs = root === undefined ? createMemoryBlobs() : await createFolderBlobs(root);
  const records = root === undefined ? createMemoryRecords() : await createFolderRecords(root);
  const uploads = createUploadSessions(blobs);
  const state = { blobs, records, uploads };
  const metrics = options.metrics === true ? createMetrics(state) : undefined;
  const report = (error: unknown): void => {
    metrics?.onError();
    onError(error);
  };
  const proxy =
    options.proxy === undefined ? undefined : createProxy(state, options.proxy, report, metrics?.onCache);
  const before = [
    ...(metrics === undefined ? [] : [metrics.intercept]),
    ...(options.readOnly === true || proxy !== undefined ? [readOnly] : []),
    ...(proxy === undefined ? [] : [proxy.intercept]),
  ];
  let handler = createHandler(state, authorize, report, intercepts(before));
  if (cors !== undefined) handler = withCors(cors, handler);
  if (metrics !== undefined) handler = withObserver(metrics, handler);
  if (onRequest !== undefined) handler = withObserver({ onRequest }, handler);
  return {
    handler,
    async close() {
      await proxy?.close();
      await uploads.close();
    },
  };
}
