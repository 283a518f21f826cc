// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { DigestAlgorithm, Hasher } from '@lading/image-spec';

/** An incremental hash: Node's, which uses the processor's own instructions. */
export function createHasher(algorithm: DigestAlgorithm): Hasher {
  return createHash(algorithm);
}
