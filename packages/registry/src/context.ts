// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from './authorize.ts';
import type { BlobStore } from './blob-store.ts';
import type { Locks } from './locks.ts';
import type { ManifestCache } from './manifest-cache.ts';
import type { RecordStore } from './records.ts';
import { specError } from './spec-error.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** What the routes work on. */
export interface RegistryState {
  readonly blobs: BlobStore;
  readonly records: RecordStore;
  readonly uploads: UploadSessions;
  readonly manifests: ManifestCache;
  /** By repository: pushes share one, what takes away has it alone. */
  readonly locks: Locks;
  readonly authorize: Authorize | undefined;
  readonly chunkMinLength: number | undefined;
  readonly requireBlobs: boolean;
}

/** One request, taken apart. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly query: URLSearchParams;
}

/** A query parameter, at most once: of two values a proxy in front might have checked the other one. */
export function parameter({ query }: Exchange, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw specError('UNSUPPORTED', `the parameter ${name} is there twice`, 400);
  return values[0];
}

/**
 * The body, piece by piece. A reader that leaves early does not end the connection: the client is to hear why
 * it was refused.
 */
export function bodyOf({ request }: Exchange): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false });
}

/** Answers without a body. */
export function answer(
  { response }: Exchange,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  // 204 and 304 have no body by definition, and no length of one.
  const length = status === 204 || status === 304 ? {} : { 'content-length': '0' };
  response.writeHead(status, { ...length, ...headers }).end();
}

/** Answers with a JSON document; HEAD gets its head. */
export function answerJson(
  { response, method }: Exchange,
  document: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(document);
  response.writeHead(200, {
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
