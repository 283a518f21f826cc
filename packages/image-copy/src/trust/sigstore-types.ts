// SPDX-License-Identifier: Apache-2.0

/** The media type of what cosign signs about an image. */
export const sigstoreType = 'application/vnd.dev.cosign.simplesigning.v1+json';

/** Annotations of a sigstore signature. */
export const sigstoreAnnotation = {
  /** In base64. */
  signature: 'dev.cosignproject.cosign/signature',
  /** The entry of the transparency log, in JSON. */
  bundle: 'dev.sigstore.cosign/bundle',
  /** The certificate of the key, in PEM. */
  certificate: 'dev.sigstore.cosign/certificate',
  /** Those of the authorities above it, in PEM. */
  chain: 'dev.sigstore.cosign/chain',
} as const;
