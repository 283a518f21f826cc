// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine, ImageInfo, PullPolicy } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { readPullOptions } from '../options/pull-options.ts';
import { progressPrinter, say } from './progress-printer.ts';

/** The image by the policy. What happens is told on stderr, unless `--quiet`. */
export async function pullImage(
  call: CommandCall,
  engine: Engine,
  reference: string,
  policy: PullPolicy,
): Promise<ImageInfo> {
  const options = await readPullOptions(call);
  if (policy === 'missing' || policy === 'never') {
    const found = await engine.images.find(reference);
    if (found !== undefined) return found;
    if (policy === 'never') throw new LadingError(Code.NotFound, `${reference}: image not known`);
  }
  const quiet = call.flags.boolean('quiet');
  if (!quiet) await say(call, `Trying to pull ${await fullName(reference)}...`);
  return engine.images.pull(reference, {
    ...options,
    policy: policy === 'missing' ? 'always' : policy,
    ...(quiet ? {} : { onProgress: progressPrinter(call) }),
  });
}

async function fullName(reference: string): Promise<string> {
  const { formatReference, parseFamiliarReference, withDefaultTag } = await import('@lading/image-spec');
  return formatReference(withDefaultTag(parseFamiliarReference(reference)));
}
