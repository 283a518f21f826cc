// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import type { KeySource, SigstoreSigned } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { readCertificates } from './certificate.ts';
import {
  type FulcioRoots,
  type PkiRoots,
  type UntrustedCertificate,
  verifyFulcio,
  verifyPki,
} from './certificate-trust.ts';
import { readKeySource } from './key-source.ts';
import { keyBytes, type RekorEntry, verifyRekorEntry } from './rekor-entry.ts';
import { readPublicKey } from './sigstore-key.ts';

/** A sigstore signature, in whatever form it came: nothing of it is verified. */
export interface UntrustedSigstore {
  readonly signature: Uint8Array;
  /** What was signed about the image. */
  readonly payload: Uint8Array;
  certificate(): UntrustedCertificate | undefined;
  entry(): RekorEntry | undefined;
}

/**
 * The keys that a requirement trusts for one signature: its own, or that of the certificate that came along. Where
 * the requirement names logs, one of them must have recorded the signature.
 */
export type SigstoreKeys = (untrusted: UntrustedSigstore) => readonly KeyObject[];

/**
 * Reads what a requirement trusts.
 *
 * @throws InvalidArgument for a key or certificate that cannot be read; NotFound for one that is not there
 */
export async function readSigstoreTrust(requirement: SigstoreSigned): Promise<SigstoreKeys> {
  const logs =
    requirement.rekorPublicKeys === undefined
      ? undefined
      : (await readKeySource(requirement.rekorPublicKeys)).map(readLogKey);
  if (requirement.keys !== undefined)
    return byKeys((await readKeySource(requirement.keys)).map(readPublicKey), logs);
  const { fulcio, pki } = requirement;
  if (fulcio !== undefined) {
    return byFulcio(
      { ...fulcio, roots: await certificatesIn(fulcio.ca, 'the caPath or caData of fulcio') },
      logs ?? [],
    );
  }
  if (pki === undefined) return () => [];
  const { caRoots, caIntermediates, ...subject } = pki;
  return byPki({
    ...subject,
    roots: await certificatesIn(caRoots, 'the caRootsPath or caRootsData of pki'),
    intermediates:
      caIntermediates === undefined
        ? []
        : await certificatesIn(caIntermediates, 'the caIntermediatesPath or caIntermediatesData of pki'),
  });
}

async function certificatesIn(source: KeySource, what: string) {
  return (await readKeySource(source)).flatMap((pem) => readCertificates(pem, what));
}

/** The logs that there are sign with ECDSA, and their signatures are checked as such. */
function readLogKey(bytes: Uint8Array): KeyObject {
  const key = readPublicKey(bytes);
  if (key.asymmetricKeyType === 'ec') return key;
  throw new LadingError(Code.InvalidArgument, 'a rekorPublicKey is no ECDSA key', { reason: 'KEY_INVALID' });
}

function byKeys(keys: readonly KeyObject[], logs: readonly KeyObject[] | undefined): SigstoreKeys {
  return (untrusted) => {
    if (logs === undefined) return keys;
    const entry = needed(untrusted.entry(), 'no log has recorded it');
    const failures: LadingError[] = [];
    for (const key of keys) {
      try {
        verifyRekorEntry(logs, entry, { ...untrusted, verifier: keyBytes(key) });
        // The entry is of one key.
        return [key];
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
        failures.push(error);
      }
    }
    throw failures[0] ?? needed(undefined, 'no log has recorded it');
  };
}

function byFulcio(fulcio: FulcioRoots, logs: readonly KeyObject[]): SigstoreKeys {
  return (untrusted) => {
    const entry = needed(untrusted.entry(), 'no log has recorded it');
    const certificate = needed(untrusted.certificate(), 'it has no certificate');
    // Such a certificate is good for minutes: that it was good then, the log must say.
    const at = verifyRekorEntry(logs, entry, { ...untrusted, verifier: certificate.leaf.x509.raw });
    return [verifyFulcio(certificate, fulcio, at)];
  };
}

function byPki(pki: PkiRoots): SigstoreKeys {
  return (untrusted) => [verifyPki(needed(untrusted.certificate(), 'it has no certificate'), pki)];
}

function needed<T>(value: T | undefined, why: string): T {
  if (value !== undefined) return value;
  throw new LadingError(Code.PermissionDenied, `the signature is not accepted: ${why}`, {
    reason: 'SIGNATURE_REJECTED',
  });
}
