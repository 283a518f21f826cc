// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobStore } from './blob-store.ts';
import type { RecordStore } from './record.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** What the routes work on. */
export interface RegistryState {
  readonly blobs: BlobStore;
  readonly records: RecordStore;
  readonly uploads: UploadSessions;
}

/** One request, taken apart. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly query: URLSearchParams;
}

/** Answers without a body. */
export function answer(
  { response }: Exchange,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, 'content-length': '0' }).end();
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
