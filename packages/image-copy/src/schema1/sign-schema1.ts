// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { goJson } from './go-json.ts';

/**
 * Signs a manifest of schema 1, which is one line of JSON, with a key that is thrown away: registries ask for a
 * signature, and nobody for whose it is. The signatures become the document's last member, as Docker's libtrust
 * writes them: a JSON Web Signature over the bytes before, with a note of how to cut them out again.
 */
export function signSchema1(payload: string): Uint8Array {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, x, y } = publicKey.export({ format: 'jwk' });
  const kid = keyId(publicKey.export({ format: 'der', type: 'spki' }));
  const note = goJson({
    formatLength: Buffer.byteLength(payload) - 1,
    formatTail: base64url('}'),
    time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  });
  const signed = `${base64url(note)}.${base64url(payload)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const signatures = goJson([
    {
      header: { jwk: { crv, kid, kty: 'EC', x, y }, alg: 'ES256' },
      signature: signature.toString('base64url'),
      protected: base64url(note),
    },
  ]);
  return new TextEncoder().encode(`${payload.slice(0, -1)},"signatures":${signatures}}`);
}

/** How libtrust names keys; a name that does not fit is refused: 30 bytes of a hash in base32, by fours. */
function keyId(key: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const hash = createHash('sha256').update(key).digest().subarray(0, 30);
  const bits = Array.from(hash, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = Array.from(
    { length: 48 },
    (_, i) => alphabet[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)],
  );
  return letters.join('').replaceAll(/.{4}(?=.)/g, '$&:');
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
