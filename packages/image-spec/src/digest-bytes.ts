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

/** Hashed here: Node takes as long to load a module that can as a short command may take. */
const smallBytes = 8192;

/**
 * The digest of bytes that are at hand; for a stream see `verifyStream`.
 *
 * @throws LadingError `unimplemented` for other algorithms than sha256 and sha512
 */
export async function digestBytes(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Promise<Digest> {
  const known = computable(algorithm);
  if (bytes.length <= smallBytes) return digestHere(bytes, algorithm);
  const node = (globalThis as Partial<NodeGlobals>).process?.getBuiltinModule?.('node:crypto');
  if (node !== undefined)
    return parseDigest(`${algorithm}:${node.createHash(known).update(bytes).digest('hex')}`);
  // Browsers have it only on pages of https and localhost.
  const subtle = globalThis.crypto?.subtle as typeof crypto.subtle | undefined;
  if (subtle === undefined) return digestHere(bytes, algorithm);
  // A copy, since Web Crypto takes no view of shared memory.
  const hash = new Uint8Array(
    await subtle.digest(known === 'sha256' ? 'SHA-256' : 'SHA-512', new Uint8Array(bytes)),
  );
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return parseDigest(`${algorithm}:${hex}`);
}

function digestHere(bytes: Uint8Array, algorithm: DigestAlgorithm): Digest {
  const hasher = createHasher(algorithm);
  hasher.update(bytes);
  return parseDigest(`${algorithm}:${hasher.digest('hex')}`);
}
