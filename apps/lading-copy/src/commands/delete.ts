// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withDefaultTag } from '@lading/image-spec';
import { transportContext } from '../registry-context.ts';
import { dockerReference, withRepository } from '../repository.ts';
import { signalOf, withRetries } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const reference = withDefaultTag(dockerReference(text, 'delete'));
  const signal = signalOf(call);
  const context = await transportContext(call, text);
  await withRetries(call, signal, () =>
    withRepository(reference, context, async ({ manifests }) => {
      const { digest } = await manifests.resolve(reference.digest ?? reference.tag ?? 'latest', { signal });
      await manifests.delete(digest, { signal });
    }),
  );
  return 0;
}
