// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createHasher, type DigestAlgorithm, type Hasher } from '@lading/image-spec';

/** Hashed in JavaScript: to load `node:crypto` takes longer. */
const smallBytes = 8192;

/** Hashes by `node:crypto`, once it gets more than the config of an image. */
export function createNodeHasher(algorithm: DigestAlgorithm): Hasher {
  const small = new Uint8Array(smallBytes);
  let size = 0;
  let hash: Hasher | undefined;
  return {
    update(chunk) {
      if (hash === undefined && size + chunk.length <= smallBytes) {
        small.set(chunk, size);
        size += chunk.length;
        return;
      }
      hash ??= begun(createHash(algorithm));
      hash.update(chunk);
    },
    digest: (encoding) => (hash ?? begun(createHasher(algorithm))).digest(encoding),
  };

  function begun(started: Hasher): Hasher {
    started.update(small.subarray(0, size));
    return started;
  }
}
