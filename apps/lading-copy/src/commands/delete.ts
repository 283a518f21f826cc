// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { deleteImage } from '@lading/image-copy';
import { transportContext } from '../registry-context.ts';
import { signalOf, withRetries } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const signal = signalOf(call);
  const context = await transportContext(call, text);
  await withRetries(call, signal, () => deleteImage(text, context, { signal }));
  return 0;
}
