// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { transportContext } from '../registry-context.ts';
import { withRegistry } from '../repository.ts';
import { signalOf, withRetries } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const host = text.replace(/^docker:\/\//, '').replace(/\/$/, '');
  const signal = signalOf(call);
  const context = await transportContext(call, 'docker:');
  const names = await withRetries(call, signal, () =>
    withRegistry(host, context, (client) => Array.fromAsync(client.catalog(host, { signal }))),
  );
  await call.environment.stdout(names.map((name) => `${name}\n`).join(''));
  return 0;
}
