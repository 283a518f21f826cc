// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { chosenDescriptor, withImageRepository } from '../image-repository.ts';
import { referenceByDigest } from '../reference-by-digest.ts';
import { signalOf, withRetries } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const signal = signalOf(call);
  const printed = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'read', async (opened) => {
      const { digest } = await chosenDescriptor(opened, call.flags.string('platform'), signal);
      return referenceByDigest(text, digest);
    }),
  );
  await call.environment.stdout(`${printed}\n`);
  return 0;
}
