// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine } from '@lading/command-line';
import type { Engine, ImageInfo, PullPolicy, PullProgress } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { readPullOptions } from '../options/pull-options.ts';

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

async function say({ environment, flags }: CommandCall, line: string): Promise<void> {
  if (flags.string('log-format') === 'json') {
    await environment.stderr(`${JSON.stringify({ level: 'info', message: line })}\n`);
  } else await environment.stderr(`${singleLine(line)}\n`);
}

/** A line for every part that has come. */
function progressPrinter(call: CommandCall): (event: PullProgress) => void {
  const told = new Set<string>();
  const json = call.flags.string('log-format') === 'json';
  return (event) => {
    const key = `${event.kind} ${event.id} ${event.state}`;
    if (told.has(key)) return;
    told.add(key);
    if (json) void call.environment.stderr(`${JSON.stringify({ level: 'info', progress: event })}\n`);
    else if (event.state === 'done') {
      const id = event.id.replace(/^sha256:/, '').slice(0, 12);
      void call.environment.stderr(`${singleLine(`Copying ${event.kind} ${id} done`)}\n`);
    }
  };
}
