// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { KeySource, Policy, PolicyRequirement, SignedBy, SigstoreSigned } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { digestAlgorithm, digestBytes } from '@lading/image-spec';
import { type ImageSignature, maxSignatures } from './image-signature.ts';
import { openSimpleSignature, readOpenPgpKeys } from './open-pgp.ts';
import { parsePayload, type SignedClaim } from './payload.ts';
import { type PolicyName, policyName, requirementsFor } from './policy-name.ts';
import { matchesIdentity } from './signed-identity.ts';
import { isSignedBy, readPublicKey } from './sigstore-key.ts';
import { sigstoreAnnotation, sigstoreType } from './sigstore-types.ts';

/** An image that a policy is asked about. */
export interface PolicyImage {
  /** As in `ImageSource`. */
  readonly reference: string;
  readonly location?: string | undefined;
  /** The bytes that signatures are to be of. */
  readonly manifest: Uint8Array;
  /** Called only when a requirement asks for a signature. */
  signatures(): Promise<readonly ImageSignature[]>;
}

/** Options of {@link evaluatePolicy}. */
export interface EvaluatePolicyOptions {
  /** Refuses an image whose scope asks for no signature. Default: false. */
  readonly requireSigned?: boolean | undefined;
}

/**
 * Returns if the policy allows the image. Every requirement of the most specific scope must hold, each through at
 * least one signature.
 *
 * @throws PermissionDenied (`POLICY_REJECTED`) that names the scope and the requirement; Unimplemented for a
 * requirement that cannot be decided here, which is never a yes
 */
export async function evaluatePolicy(
  policy: Policy,
  image: PolicyImage,
  { requireSigned = false }: EvaluatePolicyOptions = {},
): Promise<void> {
  const name = await policyName(image.reference, image.location);
  const { scope, requirements } = requirementsFor(policy, name);
  if (requirements.length === 0) throw refusal(image, scope, 0, 'reject', 'the scope has no requirement');
  for (const [i, requirement] of requirements.entries()) {
    const why = await refusedBy(requirement, image, name);
    if (why !== undefined) throw refusal(image, scope, i, requirement.type, why);
  }
  const asksForSignature = requirements.some(({ type }) => type === 'signedBy' || type === 'sigstoreSigned');
  if (requireSigned && !asksForSignature) {
    throw refusal(
      image,
      scope,
      0,
      'insecureAcceptAnything',
      'a signature is required, and nothing here verifies one',
    );
  }
}

function refusal(image: PolicyImage, scope: string, i: number, type: string, why: string): LadingError {
  return new LadingError(
    Code.PermissionDenied,
    `${image.reference} is refused by the policy: requirement ${i + 1} (${type}) of ${scope}: ${why}`,
    { reason: 'POLICY_REJECTED', details: { scope, requirement: i + 1, type } },
  );
}

async function refusedBy(
  requirement: PolicyRequirement,
  image: PolicyImage,
  name: PolicyName,
): Promise<string | undefined> {
  switch (requirement.type) {
    case 'insecureAcceptAnything':
      return undefined;
    case 'reject':
      return 'every image is rejected';
    case 'signedBaseLayer':
      throw unsupported('signedBaseLayer');
    case 'signedBy':
      return refusedBySigned(requirement, image, name);
    case 'sigstoreSigned':
      return refusedBySigstore(requirement, image, name);
  }
}

async function refusedBySigned(
  requirement: SignedBy,
  image: PolicyImage,
  name: PolicyName,
): Promise<string | undefined> {
  if (requirement.keyType !== 'GPGKeys') throw unsupported(`the keyType ${requirement.keyType}`);
  const keys = await readOpenPgpKeys(await readSource(requirement.keys));
  return firstAccepted(requirement, image, name, async (signature) => {
    if (signature.kind !== 'simple') return undefined;
    return parsePayload((await openSimpleSignature(signature.bytes, keys)).data, 'simple');
  });
}

async function refusedBySigstore(
  requirement: SigstoreSigned,
  image: PolicyImage,
  name: PolicyName,
): Promise<string | undefined> {
  if (requirement.keys === undefined) throw unsupported(requirement.pki === undefined ? 'fulcio' : 'pki');
  if (requirement.rekorPublicKeys !== undefined) throw unsupported('rekorPublicKey');
  const keys = (await readSource(requirement.keys)).map(readPublicKey);
  return firstAccepted(requirement, image, name, async (signature) => {
    if (signature.kind !== 'sigstore' || signature.mimeType !== sigstoreType) return undefined;
    const base64 = signature.annotations.get(sigstoreAnnotation.signature);
    if (base64 === undefined) throw notAccepted('it has no signature in its annotations');
    if (!isSignedBy(keys, signature.payload, base64)) throw notAccepted('no trusted key made it');
    return parsePayload(signature.payload, 'sigstore');
  });
}

/** Undefined when a signature is good, otherwise why none is. `open` gives undefined for one of another kind. */
async function firstAccepted(
  requirement: SignedBy | SigstoreSigned,
  image: PolicyImage,
  name: PolicyName,
  open: (signature: ImageSignature) => Promise<SignedClaim | undefined>,
): Promise<string | undefined> {
  const reasons: string[] = [];
  for (const signature of (await image.signatures()).slice(0, maxSignatures)) {
    try {
      const claim = await open(signature);
      if (claim === undefined) continue;
      await checkDigest(image, claim);
      if (matchesIdentity(requirement.signedIdentity, name.dockerReference, claim.dockerReference))
        return undefined;
      throw notAccepted(`it is for ${JSON.stringify(claim.dockerReference.slice(0, 200))}`);
    } catch (error) {
      if (!(error instanceof LadingError)) throw error;
      reasons.push(error.message);
    }
  }
  if (reasons.length === 0) return 'a signature is required, and there is none';
  return reasons.slice(0, 5).join('; ');
}

async function checkDigest(image: PolicyImage, { digest }: SignedClaim): Promise<void> {
  const algorithm = digestAlgorithm(digest);
  if (algorithm !== 'sha256' && algorithm !== 'sha512') throw notAccepted('its digest cannot be computed');
  if ((await digestBytes(image.manifest, algorithm)) !== digest) throw notAccepted(`it is for ${digest}`);
}

/** Keys are read when they are needed: a missing file refuses the images that need it, and no others. */
async function readSource({ paths, data }: KeySource): Promise<readonly Uint8Array[]> {
  const files: Uint8Array[] = [];
  for (const path of paths) {
    try {
      files.push(await readFile(path));
    } catch (error) {
      const { code, reason, message } = LadingError.from(error);
      throw new LadingError(code, `cannot read the key ${path} of the policy: ${reason ?? message}`, {
        cause: error,
      });
    }
  }
  return [...files, ...data];
}

function notAccepted(why: string): LadingError {
  return new LadingError(Code.PermissionDenied, `the signature is not accepted: ${why}`, {
    reason: 'SIGNATURE_REJECTED',
  });
}

function unsupported(what: string): LadingError {
  return new LadingError(Code.Unimplemented, `the policy asks for ${what}, which is not supported yet`, {
    reason: 'UNSUPPORTED',
  });
}
