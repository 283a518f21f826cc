// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

const lineLimitBytes = 64 * 1024;

/** First thing the monitor says: the pid of the container's process, or why there is none. */
export type SyncMessage =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'failed'; readonly message: string };

/** Undefined when the monitor closed the pipe without a word. */
export async function readSyncMessage(pipe: AsyncIterable<Uint8Array>): Promise<SyncMessage | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of pipe) {
    const end = chunk.indexOf(0x0a);
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
    size += chunk.length;
    if (end !== -1) return parseSyncMessage(Buffer.concat(chunks).toString('utf8'));
    if (size > lineLimitBytes) {
      throw new LadingError(Code.Internal, 'the monitor sent a line of more than 64 KiB on its sync pipe');
    }
  }
  return undefined;
}

/** Both forms are taken: `data` of API 1, and `pid` of the one before. */
export function parseSyncMessage(line: string): SyncMessage {
  const value = parseJson(line);
  const pid = numberAt(value, 'data') ?? numberAt(value, 'pid');
  if (pid === undefined) {
    throw new LadingError(Code.Internal, `the monitor sent what is no sync message: ${line.slice(0, 200)}`);
  }
  if (pid > 0) return { kind: 'started', pid };
  const message =
    typeof value === 'object' && value !== null && 'message' in value ? value.message : undefined;
  return { kind: 'failed', message: typeof message === 'string' ? message : '' };
}

function numberAt(value: unknown, key: string): number | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  const member: unknown = Reflect.get(value, key);
  return typeof member === 'number' && Number.isSafeInteger(member) ? member : undefined;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new LadingError(Code.Internal, `the monitor sent a line that is not JSON: ${line.slice(0, 200)}`, {
      cause,
    });
  }
}
