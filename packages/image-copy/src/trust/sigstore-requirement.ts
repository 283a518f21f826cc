// SPDX-License-Identifier: Apache-2.0
import type { SigstoreSigned } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { decodeBase64 } from './base64.ts';
import { readUntrusted } from './certificate-trust.ts';
import type { ImageSignature } from './image-signature.ts';
import { type ImageStatement, parseImageStatement } from './image-statement.ts';
import { parsePayload, type SignedClaim } from './payload.ts';
import { parseRekorAnnotation } from './rekor-entry.ts';
import { parseBundle } from './sigstore-bundle.ts';
import { isSignedBy } from './sigstore-key.ts';
import { readSigstoreTrust } from './sigstore-trust.ts';
import { sigstoreAnnotation, sigstoreType } from './sigstore-types.ts';

/** What opens sigstore signatures for one requirement: what is signed, once the signature was verified. */
export interface SigstoreOpener {
  /** Undefined for a signature of another kind. */
  open(signature: ImageSignature): SignedClaim | undefined;
  openBundle(bundle: Uint8Array): ImageStatement;
}

/** @throws InvalidArgument or NotFound for keys and certificates of the requirement */
export async function sigstoreOpener(requirement: SigstoreSigned): Promise<SigstoreOpener> {
  const keysFor = await readSigstoreTrust(requirement);
  return {
    open(signature) {
      if (signature.kind !== 'sigstore' || signature.mimeType !== sigstoreType) return undefined;
      const { payload, annotations } = signature;
      const base64 = annotations.get(sigstoreAnnotation.signature);
      if (base64 === undefined) throw rejected('it has no signature in its annotations');
      const bytes = decodeBase64(base64, 'the signature');
      const keys = keysFor({
        signature: bytes,
        payload,
        certificate() {
          const certificate = annotations.get(sigstoreAnnotation.certificate);
          return certificate === undefined
            ? undefined
            : readUntrusted(certificate, annotations.get(sigstoreAnnotation.chain));
        },
        entry() {
          const entry = annotations.get(sigstoreAnnotation.bundle);
          return entry === undefined ? undefined : parseRekorAnnotation(entry);
        },
      });
      if (!isSignedBy(keys, payload, bytes)) throw rejected('no trusted key made it');
      return parsePayload(payload, 'sigstore');
    },
    openBundle(bytes) {
      const bundle = parseBundle(bytes);
      if (!isSignedBy(keysFor(bundle), bundle.signedBytes, bundle.signature)) {
        throw rejected('no trusted key made it');
      }
      return parseImageStatement(bundle.payload);
    },
  };
}

function rejected(why: string): LadingError {
  return new LadingError(Code.PermissionDenied, `the signature is not accepted: ${why}`, {
    reason: 'SIGNATURE_REJECTED',
  });
}
