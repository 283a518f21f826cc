// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import {
  type ImageSignature,
  maxSignatures,
  parseSignatureFile,
  signatureLimitBytes,
} from './image-signature.ts';

/** Reads the files `pathOf(1)`, `pathOf(2)` and so on up to the first that is not there. */
export async function readSignatures(pathOf: (number: number) => string): Promise<readonly ImageSignature[]> {
  const found: ImageSignature[] = [];
  for (let number = 1; number <= maxSignatures; number += 1) {
    const bytes = await readLimited(pathOf(number));
    if (bytes === undefined) break;
    found.push(parseSignatureFile(bytes));
  }
  return found;
}

async function readLimited(path: string): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > signatureLimitBytes) {
      throw new LadingError(Code.ResourceExhausted, `${path} is longer than ${signatureLimitBytes} bytes`);
    }
    const buffer = Buffer.alloc(size);
    const { bytesRead } = await file.read(buffer, 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    const known = LadingError.from(error);
    if (known.code === Code.NotFound || known.reason === 'ENOTDIR') return undefined;
    throw known;
  }
}
