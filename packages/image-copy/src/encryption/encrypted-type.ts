// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isLayerType } from '@lading/image-spec';
import { layerTypeOfOci } from '../convert.ts';

const suffix = '+encrypted';
const wasmLayer = 'application/vnd.wasm.content.layer.v1+wasm';

/** What all annotations of encryption begin with. */
export const encryptionPrefix = 'org.opencontainers.image.enc.';

/** Whether a layer of this media type is encrypted, whatever it is below that. */
export function isEncryptedType(mediaType: string): boolean {
  return mediaType.endsWith(suffix);
}

export function decryptedType(mediaType: string): string {
  return isEncryptedType(mediaType) ? mediaType.slice(0, -suffix.length) : mediaType;
}

/** The type of a layer when it is encrypted: one of the OCI's. @throws Unimplemented for what has none */
export function encryptedType(mediaType: string): string {
  const known = layerTypeOfOci(mediaType);
  if (isLayerType(known) || known === wasmLayer) return `${known}${suffix}`;
  throw new LadingError(Code.Unimplemented, `a layer of type ${mediaType} has no form that is encrypted`, {
    reason: 'UNSUPPORTED',
  });
}
