// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine } from '@lading/command-line';
import { withImageRepository } from '../image-repository.ts';
import { signalOf, withRetries } from '../retry.ts';

/** Tags that cosign and registries without a list of referrers make of digests. */
const digestTag = /^sha\d+-[0-9a-f]{64,128}(?:\.|$)/;

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const signal = signalOf(call);
  const tags = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'read', ({ repository }) => Array.fromAsync(repository.tags({ signal }))),
  );
  const shown = call.flags.boolean('omit-digest-tags') ? tags.filter((tag) => !digestTag.test(tag)) : tags;
  if (shown.length > 0) await call.environment.stdout(`${shown.map(singleLine).join('\n')}\n`);
  return 0;
}
