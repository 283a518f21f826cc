// SPDX-License-Identifier: Apache-2.0
import type { Policy, PolicyRequirement, SignedBy, SigstoreSigned } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { digestAlgorithm, digestBytes } from '@lading/image-spec';
import { type ImageSignature, maxSignatures } from './image-signature.ts';
import type { ImageStatement } from './image-statement.ts';
import { readKeySource } from './key-source.ts';
import { openSimpleSignature, readOpenPgpKeys } from './open-pgp.ts';
import { parsePayload, type SignedClaim } from './payload.ts';
import { type PolicyName, policyName, requirementsFor } from './policy-name.ts';
import { matchesIdentity } from './signed-identity.ts';
import { sigstoreOpener } from './sigstore-requirement.ts';

/** An image that a policy is asked about. */
export interface PolicyImage {
  /** As in `ImageSource`. */
  readonly reference: string;
  readonly location?: string | undefined;
  /** Default: by the reference. */
  readonly name?: PolicyName | undefined;
  /** The bytes that signatures are to be of. */
  readonly manifest: Uint8Array;
  /** Called only when a requirement asks for a signature. */
  signatures(): Promise<readonly ImageSignature[]>;
  /** Bundles of sigstore that refer to the image. Called only when no signature is accepted. Default: there are none. */
  bundles?(): Promise<readonly Uint8Array[]>;
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
  const name = image.name ?? (await policyName(image.reference, image.location));
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
      return 'signedBaseLayer is not implemented, here or elsewhere';
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
  const keys = await readOpenPgpKeys(await readKeySource(requirement.keys));
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
  const opener = await sigstoreOpener(requirement);
  const why = await firstAccepted(requirement, image, name, async (signature) => opener.open(signature));
  if (why === undefined) return undefined;
  // They are asked for only now: not every registry can list them, and not every image has them.
  const bundles = (await image.bundles?.()) ?? [];
  if (bundles.length === 0) return why;
  return firstGood(bundles, async (bundle) => {
    const statement = opener.openBundle(bundle);
    await checkDigest(image, statement);
    checkStatement(requirement, name, statement);
    return true;
  });
}

/** Cosign 3 signs a digest and no name. That is enough for an image which is named by its digest, and for no other. */
function checkStatement(
  { signedIdentity }: SigstoreSigned,
  { dockerReference: image }: PolicyName,
  { dockerReference }: ImageStatement,
): void {
  if (dockerReference !== undefined) {
    if (matchesIdentity(signedIdentity, image, dockerReference)) return;
    throw notAccepted(`it is for ${JSON.stringify(dockerReference.slice(0, 200))}`);
  }
  const isByDigest = image?.digest !== undefined && image.tag === undefined;
  if (isByDigest && signedIdentity.type === 'matchRepoDigestOrExact') return;
  throw notAccepted(
    'it names no image, as bundles of cosign do not: name the image by its digest, or sign it with --new-bundle-format=false',
  );
}

/** Undefined when a signature is good, otherwise why none is. `open` gives undefined for one of another kind. */
async function firstAccepted(
  requirement: SignedBy | SigstoreSigned,
  image: PolicyImage,
  name: PolicyName,
  open: (signature: ImageSignature) => Promise<SignedClaim | undefined>,
): Promise<string | undefined> {
  return firstGood(await image.signatures(), async (signature) => {
    const claim = await open(signature);
    if (claim === undefined) return false;
    await checkDigest(image, claim);
    if (matchesIdentity(requirement.signedIdentity, name.dockerReference, claim.dockerReference)) return true;
    throw notAccepted(`it is for ${JSON.stringify(claim.dockerReference.slice(0, 200))}`);
  });
}

/** Undefined when one is good, otherwise why none is. `isGood` throws why one is not, and gives false for another kind. */
async function firstGood<T>(
  all: readonly T[],
  isGood: (one: T) => Promise<boolean>,
): Promise<string | undefined> {
  const reasons: string[] = [];
  for (const one of all.slice(0, maxSignatures)) {
    try {
      if (await isGood(one)) return undefined;
    } catch (error) {
      if (!(error instanceof LadingError)) throw error;
      reasons.push(error.message);
    }
  }
  if (reasons.length === 0) return 'a signature is required, and there is none';
  return reasons.slice(0, 5).join('; ');
}

async function checkDigest(image: PolicyImage, { digest }: Pick<SignedClaim, 'digest'>): Promise<void> {
  const algorithm = digestAlgorithm(digest);
  if (algorithm !== 'sha256' && algorithm !== 'sha512') throw notAccepted('its digest cannot be computed');
  if ((await digestBytes(image.manifest, algorithm)) !== digest) throw notAccepted(`it is for ${digest}`);
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
