// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { Copy } from '../copy-options.ts';
import { step } from '../side.ts';
import type { ManifestBytes } from '../types.ts';
import { sourceSignatures } from './source-signatures.ts';

/** Asks the policy of a copy, if it has one, about one manifest or index of the source. */
export async function checkPolicy(
  copy: Pick<Copy, 'source' | 'options'>,
  { bytes, digest }: ManifestBytes,
  instance?: Digest,
): Promise<void> {
  const { source, options } = copy;
  const { policy, requireSigned } = options;
  if (policy === undefined) return;
  const { evaluatePolicy } = await import('./evaluate-policy.ts');
  await step('source', source.reference, async () =>
    evaluatePolicy(
      policy,
      {
        reference: source.reference,
        location: source.location,
        name: await source.policyName?.({ signal: options.signal }),
        manifest: bytes,
        bundles: async () =>
          (await source.sigstoreBundles?.({ digest, instance }, { signal: options.signal })) ?? [],
        signatures: () => sourceSignatures(copy, digest, instance),
      },
      { requireSigned },
    ),
  );
}
