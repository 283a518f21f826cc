// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import type { Descriptor } from '@lading/image-spec';
import { encryptionPrefix } from './encrypted-type.ts';
import type { DecryptionKey, EncryptionKey } from './keys.ts';
import { unwrapKey, wrapKey } from './wrapped-key.ts';

const jweAnnotation = `${encryptionPrefix}keys.jwe`;
const publicAnnotation = `${encryptionPrefix}pubopts`;
const cipherName = 'AES_256_CTR_HMAC_SHA256';
const algorithm = 'aes-256-ctr';

/** A layer while it is encrypted. */
export interface EncryptedLayer {
  /** To be read once. */
  readonly chunks: AsyncGenerator<Uint8Array>;
  /** What decrypts it again, once the chunks have been read to the end. */
  annotations(): Readonly<Record<string, string>>;
}

/**
 * Encrypts a layer as ocicrypt does: AES-256 in counter mode with a key of its own, and an HMAC with SHA-256 over
 * the result; the key goes with the layer, wrapped for each recipient.
 *
 * @see https://github.com/containers/ocicrypt/blob/v1.2.1/docs
 */
export function encryptLayer(
  layer: Pick<Descriptor, 'digest'>,
  bytes: AsyncIterable<Uint8Array>,
  keys: readonly EncryptionKey[],
): EncryptedLayer {
  const key = randomBytes(32);
  const nonce = randomBytes(16);
  let annotations: Readonly<Record<string, string>> = {};
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const hmac = createHmac('sha256', key);
    const cipher = createCipheriv(algorithm, key, nonce);
    for await (const chunk of bytes) {
      const encrypted = cipher.update(chunk);
      hmac.update(encrypted);
      yield encrypted;
    }
    const secret = {
      symkey: key.toString('base64'),
      digest: layer.digest,
      cipheroptions: { nonce: nonce.toString('base64') },
    };
    const open = { cipher: cipherName, hmac: hmac.digest('base64'), cipheroptions: {} };
    annotations = {
      [jweAnnotation]: base64(await wrapKey(Buffer.from(JSON.stringify(secret)), keys)),
      [publicAnnotation]: base64(JSON.stringify(open)),
    };
  }
  return { chunks: chunks(), annotations: () => annotations };
}

/**
 * Decrypts a layer. Only a normal end means that the bytes are those that were encrypted: until then they may be
 * anything.
 *
 * @throws PermissionDenied where no key fits; Unimplemented for keys that are not wrapped with JWE; DataLoss
 */
export async function* decryptLayer(
  layer: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  keys: readonly DecryptionKey[],
): AsyncGenerator<Uint8Array> {
  const { key, nonce, hmac: expected } = await openKey(layer, keys);
  const hmac = createHmac('sha256', key);
  const decipher = createDecipheriv(algorithm, key, nonce);
  for await (const chunk of bytes) {
    hmac.update(chunk);
    yield decipher.update(chunk);
  }
  const actual = hmac.digest();
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new LadingError(Code.DataLoss, `the encrypted layer ${layer.digest} is not what was encrypted`, {
      reason: 'HMAC_MISMATCH',
    });
  }
}

interface LayerKey {
  readonly key: Buffer;
  readonly nonce: Buffer;
  readonly hmac: Buffer;
}

async function openKey(
  { digest, annotations = {} }: Descriptor,
  keys: readonly DecryptionKey[],
): Promise<LayerKey> {
  const wrapped = Object.hasOwn(annotations, jweAnnotation) ? annotations[jweAnnotation] : undefined;
  if (wrapped === undefined) {
    const other = Object.keys(annotations).find((name) => name.startsWith(`${encryptionPrefix}keys.`));
    throw new LadingError(
      Code.Unimplemented,
      other === undefined
        ? `the encrypted layer ${digest} says nothing of its key`
        : `the key of the layer ${digest} is wrapped in a way that is not supported; jwe is`,
      { reason: 'UNSUPPORTED' },
    );
  }
  for (const one of wrapped.split(',')) {
    const text = await unwrapKey(Buffer.from(one, 'base64').toString(), keys);
    if (text === undefined) continue;
    const secret = members(Buffer.from(text).toString(), digest);
    const open = members(Buffer.from(annotations[publicAnnotation] ?? '', 'base64').toString(), digest);
    if (open.cipher !== cipherName) {
      throw new LadingError(Code.Unimplemented, `the layer ${digest} is encrypted with another cipher`, {
        reason: 'UNSUPPORTED',
      });
    }
    const key = bytesOf(secret.symkey);
    const nonce = bytesOf(record(open.cipheroptions).nonce ?? record(secret.cipheroptions).nonce);
    const hmac = bytesOf(open.hmac);
    if (key.length === 32 && nonce.length === 16 && hmac.length === 32) return { key, nonce, hmac };
    throw unusable(digest);
  }
  throw new LadingError(Code.PermissionDenied, `none of the decryption keys fits the layer ${digest}`, {
    reason: 'KEY_UNKNOWN',
  });
}

function members(json: string, digest: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(json));
  } catch {
    throw unusable(digest); // without the text, which may be the key
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function unusable(digest: string): LadingError {
  return new LadingError(Code.InvalidArgument, `what the layer ${digest} says of its encryption is unusable`);
}
