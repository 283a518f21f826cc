// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { withImageRepository } from '../image-repository.ts';
import { signalOf, withRetries } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const signal = signalOf(call);
  for (const text of call.args) {
    await withRetries(call, signal, () =>
      withImageRepository(call, text, 'write', async ({ repository, tag, version }) => {
        if (tag === undefined || version !== tag)
          throw usageError(`${text} does not name a tag, and only a tag; write docker://HOST/PATH:TAG`);
        await repository.untag(tag, { signal });
      }),
    );
  }
  return 0;
}
