// SPDX-License-Identifier: Apache-2.0

import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code, LadingError } from '@lading/errors';
import type { Digest, Reference } from '@lading/image-spec';
import { makeFolders } from '@lading/linux';
import { removeAbandoned } from '@lading/registry-client/layout';
import { replaceFile } from '../blob-file.ts';
import { formatSignatureFile } from './format-signature.ts';
import { type ImageSignature, maxSignatures } from './image-signature.ts';
import { lookasideUrl } from './lookaside.ts';

/**
 * Writes the signatures of a manifest into a lookaside folder, in place of those that are there.
 *
 * @throws FailedPrecondition for a lookaside server, which is read alone
 */
export async function writeLookaside(
  base: string,
  reference: Reference,
  digest: Digest,
  signatures: readonly ImageSignature[],
): Promise<void> {
  const url = (number: number): URL => lookasideUrl(base, reference, digest, number);
  if (url(1).protocol !== 'file:') {
    throw new LadingError(
      Code.FailedPrecondition,
      `signatures are not written to the server ${url(1).host}: name a folder as lookaside-staging in registries.d`,
      { reason: 'SIGNATURES_UNSUPPORTED' },
    );
  }
  const path = (number: number): string => fileURLToPath(url(number));
  const folder = dirname(path(1));
  makeFolders(folder, 0o777);
  for (const [i, signature] of signatures.entries()) {
    await replaceFile(path(i + 1), formatSignatureFile(signature));
  }
  for (let number = signatures.length + 1; number <= maxSignatures; number += 1) {
    await rm(path(number), { force: true });
  }
  await removeAbandoned(folder);
}
