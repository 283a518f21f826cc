// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { goJson } from '../go-json.ts';
import { transportContext } from '../registry-context.ts';
import { dockerReference } from '../repository.ts';
import { signalOf, withRetries } from '../retry.ts';
import { listAllTags } from '../tags.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const { host, repository, tag, digest } = dockerReference(text, 'list-tags');
  if (tag !== undefined || digest !== undefined) throw usageError('No tag or digest allowed in reference');
  const signal = signalOf(call);
  const context = await transportContext(call, text);
  const tags = await withRetries(call, signal, () => listAllTags(text, context, signal));
  await call.environment.stdout(`${goJson({ Repository: `${host}/${repository}`, Tags: tags })}\n`);
  return 0;
}
