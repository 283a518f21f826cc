// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** Manifests and configs are held in memory; no registry takes larger manifests. */
export const documentLimitBytes: number = 4 * 1024 * 1024;

/** Reads a document into memory. @throws ResourceExhausted above 4 MiB */
export async function readSmall(bytes: AsyncIterable<Uint8Array>, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > documentLimitBytes) throw tooLarge(what);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : new Uint8Array(Buffer.concat(chunks));
}

export function tooLarge(what: string): LadingError {
  return new LadingError(Code.ResourceExhausted, `${what} is longer than ${documentLimitBytes} bytes`, {
    reason: 'DOCUMENT_TOO_LARGE',
  });
}
