// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { DecryptionKey, EncryptionKey } from './keys.ts';

/** What ocicrypt wraps keys with. */
export const keyAlgorithms: string[] = [
  'RSA-OAEP',
  'RSA-OAEP-256',
  'ECDH-ES+A128KW',
  'ECDH-ES+A192KW',
  'ECDH-ES+A256KW',
];
const contentAlgorithms = [
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
  'A128GCM',
  'A192GCM',
  'A256GCM',
];

/** Encrypts a short text for some recipients, as a JSON Web Encryption (RFC 7516). */
export async function wrapKey(text: Uint8Array, keys: readonly EncryptionKey[]): Promise<string> {
  // Loaded with the first layer that is encrypted: most copies do without.
  const { FlattenedEncrypt, GeneralEncrypt } = await import('jose');
  const enc = 'A256GCM';
  const [first, ...others] = keys;
  if (first === undefined) throw new LadingError(Code.InvalidArgument, 'no key to encrypt layers for');
  if (others.length === 0) {
    const one = new FlattenedEncrypt(text).setProtectedHeader({ alg: first.algorithm, enc });
    return JSON.stringify(await one.encrypt(first.key));
  }
  const many = new GeneralEncrypt(text).setProtectedHeader({ enc });
  for (const { key, algorithm } of keys) many.addRecipient(key).setUnprotectedHeader({ alg: algorithm });
  return JSON.stringify(await many.encrypt());
}

/** Decrypts such a text with the first key that fits; undefined where none does. */
export async function unwrapKey(
  jwe: string,
  keys: readonly DecryptionKey[],
): Promise<Uint8Array | undefined> {
  const { flattenedDecrypt, generalDecrypt } = await import('jose');
  const options = {
    keyManagementAlgorithms: keyAlgorithms,
    contentEncryptionAlgorithms: contentAlgorithms,
  };
  let document: unknown;
  try {
    document = JSON.parse(jwe);
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, 'the key of an encrypted layer is not JSON', { cause });
  }
  if (typeof document !== 'object' || document === null) return undefined;
  for (const { key } of keys) {
    try {
      const { plaintext } =
        'recipients' in document
          ? await generalDecrypt(document as Parameters<typeof generalDecrypt>[0], key, options)
          : await flattenedDecrypt(document as Parameters<typeof flattenedDecrypt>[0], key, options);
      return plaintext;
    } catch {
      // It is for someone else, or broken; which of both must not be told apart.
    }
  }
  return undefined;
}
