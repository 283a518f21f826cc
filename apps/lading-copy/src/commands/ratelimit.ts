// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { isJsonFormat, renderReport } from '@lading/go-template';
import { onSide } from '@lading/image-copy';
import { goJson } from '../go-json.ts';
import { transportContext } from '../registry-context.ts';
import { dockerReference, withRepository } from '../repository.ts';
import { signalOf, withRetries } from '../retry.ts';

/** Asks for a manifest by HEAD, which registries do not count, and prints what they say of their limits. */
export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const reference = dockerReference(text, 'ratelimit');
  const context = await transportContext(call, text);
  const signal = signalOf(call);
  const limit = await withRetries(call, signal, async () => {
    try {
      return await withRepository(reference, context, ({ manifests }) =>
        manifests.rateLimit(reference.digest ?? reference.tag ?? 'latest', { signal }),
      );
    } catch (error) {
      throw onSide('source', text, error);
    }
  });
  const json = {
    Limit: limit?.limit ?? 0,
    Remain: limit?.remaining ?? 0,
    Reset: limit?.resetSeconds ?? 0,
    Set: limit !== undefined,
    Policies: limit?.policies ?? [],
  };
  const format = call.flags.string('format');
  await call.environment.stdout(
    format === undefined || isJsonFormat(format)
      ? `${goJson(json)}\n`
      : renderReport(format, [json], { name: 'ratelimit', headers: {}, json }),
  );
  return 0;
}
