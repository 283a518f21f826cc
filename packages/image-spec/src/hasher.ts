// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { computable, type DigestAlgorithm } from './digest.ts';
import { sha256 } from './sha256.ts';
import { sha512 } from './sha512.ts';

/** An incremental hash; `createHash()` of `node:crypto` returns one. */
export interface Hasher {
  update(chunk: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

/** In Node: `(algorithm) => createHash(algorithm)`, which is several times faster than {@link createHasher}. */
export type HasherFactory = (algorithm: DigestAlgorithm) => Hasher;

/** A hash of whole blocks, which {@link createHasher} feeds. */
export interface BlockHash {
  readonly blockBytes: 64 | 128;
  compress(bytes: Uint8Array, start: number): void;
  /** The state, most significant word first. */
  words(): Int32Array;
}

/**
 * An incremental hash in plain JavaScript, for browsers, whose Web Crypto hashes only what is whole in memory.
 *
 * @throws LadingError `unimplemented` for other algorithms; `failed_precondition` from a hasher that is used
 * after its `digest`
 * @example
 * ```ts
 * import { createHasher } from '@lading/image-spec';
 *
 * const hasher = createHasher('sha256');
 * for (const part of ['a bill ', 'of lading']) hasher.update(new TextEncoder().encode(part));
 * console.log(hasher.digest('hex').slice(0, 16)); // → 7d02cfdab7203dc9
 * ```
 */
export function createHasher(algorithm: DigestAlgorithm): Hasher {
  const hash = computable(algorithm) === 'sha256' ? sha256() : sha512();
  const { blockBytes } = hash;
  /** The beginning of a block whose end has not come yet. */
  const block = new Uint8Array(blockBytes);
  let held = 0;
  let sizeBytes = 0;
  let done = false;

  function update(chunk: Uint8Array): Hasher {
    if (done) throw new LadingError(Code.FailedPrecondition, 'the hash is finished: create another hasher');
    sizeBytes += chunk.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(blockBytes - held, chunk.length);
      block.set(chunk.subarray(0, at), held);
      held += at;
      if (held < blockBytes) return hasher;
      hash.compress(block, 0);
    }
    for (; at + blockBytes <= chunk.length; at += blockBytes) hash.compress(chunk, at);
    block.set(chunk.subarray(at));
    held = chunk.length - at;
    return hasher;
  }

  function digest(): string {
    const bits = BigInt(sizeBytes) * 8n;
    // The length, as a number of a quarter block, ends the last block; a 1 bit and zeros go before it.
    const lengthBytes = blockBytes / 8;
    const zeros = (2 * blockBytes - 1 - lengthBytes - held) % blockBytes;
    const padding = new Uint8Array(1 + zeros + lengthBytes);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    update(padding);
    done = true;
    return Array.from(hash.words(), (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  const hasher: Hasher = { update, digest };
  return hasher;
}
