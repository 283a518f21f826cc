// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from '../types.ts';
import type { ImageSignature } from './image-signature.ts';
import type { SignedClaim } from './payload.ts';

/** Makes signatures. `createGpgSigner` and `createSigstoreSigner` give two; implement it to sign with a key elsewhere. */
export interface ImageSigner {
  readonly kind: ImageSignature['kind'];
  /** Signs that an image has this digest and this name. */
  sign(claim: SignedClaim, options?: CallOptions): Promise<ImageSignature>;
}
