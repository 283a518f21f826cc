// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseReference, type Reference } from '@lading/image-spec';
import type { Copy } from '../copy-options.ts';
import { onSide, step } from '../side.ts';
import type { SignedManifest } from '../types.ts';
import type { ImageSignature } from './image-signature.ts';
import type { SignedClaim } from './payload.ts';
import { policyName } from './policy-name.ts';

/**
 * The name that new signatures give to the image: the one that is asked for, or the destination's.
 *
 * @throws InvalidArgument for a name without tag and digest, and for a destination without a name
 */
export async function signingName({ destination, options }: Copy): Promise<string | undefined> {
  const { signers = [], signIdentity } = options;
  if (signers.length === 0) return undefined;
  if (destination.putSignatures === undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${destination.reference} keeps no signatures, so the image cannot be signed there`,
      { reason: 'SIGNATURES_UNSUPPORTED', details: { side: 'destination' } },
    );
  }
  if (signIdentity !== undefined) return signedName(signIdentity);
  const { dockerReference } = await policyName(destination.reference);
  if (dockerReference !== undefined) return formatReference(dockerReference);
  throw new LadingError(
    Code.InvalidArgument,
    `${destination.reference} gives the image no name to sign: give one with signIdentity (--sign-identity)`,
    { reason: 'NAME_INVALID' },
  );
}

function signedName(text: string): string {
  const reference: Reference = parseReference(text);
  if (reference.tag !== undefined || reference.digest !== undefined) return formatReference(reference);
  throw new LadingError(
    Code.InvalidArgument,
    `the name to sign has neither tag nor digest: ${formatReference(reference)}`,
    { reason: 'NAME_INVALID' },
  );
}

/** Puts the signatures that came along and those made here, for a manifest that was put, before it gets its name. */
export async function putSignatures(
  copy: Copy,
  claim: SignedClaim | undefined,
  signed: SignedManifest,
): Promise<void> {
  const { destination, options, signatures = [] } = copy;
  const made = claim === undefined ? [] : await makeSignatures(copy, claim);
  const all = [...signatures, ...made];
  if (all.length === 0) return;
  options.onProgress?.({ kind: 'signatures', id: signed.digest, state: 'writing' });
  await step('destination', destination.reference, async () => {
    await destination.putSignatures?.(all, signed, { signal: options.signal });
  });
}

async function makeSignatures(
  { destination, options }: Copy,
  claim: SignedClaim,
): Promise<readonly ImageSignature[]> {
  const { signers = [], signal, onProgress } = options;
  const made: ImageSignature[] = [];
  for (const signer of signers) {
    signal?.throwIfAborted();
    onProgress?.({ kind: 'signatures', id: claim.digest, state: 'signing' });
    try {
      made.push(await signer.sign(claim, { signal }));
    } catch (error) {
      throw onSide('destination', destination.reference, error);
    }
  }
  return made;
}
