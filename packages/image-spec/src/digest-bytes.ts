// SPDX-License-Identifier: Apache-2.0
import { computable, type Digest, type DigestAlgorithm, parseDigest } from './digest.ts';
import { createHasher } from './hasher.ts';

/** The part of Node.js's globals that is used here, without Node's types. */
interface NodeGlobals {
  readonly process: {
    getBuiltinModule?(name: 'node:crypto'): {
      createHash(algorithm: string): { update(bytes: Uint8Array): { digest(encoding: 'hex'): string } };
    };
  };
}

/**
 * The digest of bytes that are at hand; for a stream see `verifyStream`.
 *
 * @throws LadingError `unimplemented` for other algorithms than sha256 and sha512
 */
export async function digestBytes(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Promise<Digest> {
  const known = computable(algorithm);
  const node = (globalThis as Partial<NodeGlobals>).process?.getBuiltinModule?.('node:crypto');
  if (node !== undefined)
    return parseDigest(`${algorithm}:${node.createHash(known).update(bytes).digest('hex')}`);
  // Node has it too, but takes six milliseconds to load it. Browsers have Web Crypto only on pages of https and localhost.
  const subtle = globalThis.crypto?.subtle as typeof crypto.subtle | undefined;
  if (subtle === undefined) {
    const hasher = createHasher(algorithm);
    hasher.update(bytes);
    return parseDigest(`${algorithm}:${hasher.digest('hex')}`);
  }
  // A copy, since Web Crypto takes no view of shared memory.
  const hash = new Uint8Array(
    await subtle.digest(known === 'sha256' ? 'SHA-256' : 'SHA-512', new Uint8Array(bytes)),
  );
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return parseDigest(`${algorithm}:${hex}`);
}
