// SPDX-License-Identifier: Apache-2.0
import type { ImageSignature } from './image-signature.ts';

/** The form in which folders and the local store keep a signature, as `parseSignatureFile` reads it. */
export function formatSignatureFile(signature: ImageSignature): Uint8Array {
  if (signature.kind === 'simple') {
    const [first = 0] = signature.bytes;
    return first >= 0x80 ? signature.bytes : marked('simple-signing', signature.bytes);
  }
  const { mimeType, payload, annotations } = signature;
  const sorted = [...annotations].sort(([a], [b]) => (a < b ? -1 : 1));
  const document = {
    mimeType,
    payload: Buffer.from(payload).toString('base64'),
    annotations: Object.fromEntries(sorted),
  };
  return marked('sigstore-json', Buffer.from(JSON.stringify(document)));
}

function marked(format: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`\0${format}\n`), bytes]);
}
