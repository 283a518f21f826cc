// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine, ImageInfo, PullPolicy } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import type { Platform } from '@lading/image-spec';
import { transportIn } from '../images/transport-name.ts';
import { readPullOptions } from '../options/pull-options.ts';
import { progressPrinter, say } from './progress-printer.ts';

/** The image by the policy. What happens is told on stderr, unless `--quiet`. */
export async function pullImage(
  call: CommandCall,
  engine: Engine,
  reference: string,
  policy: PullPolicy,
): Promise<ImageInfo> {
  const transport = transportIn(reference);
  if (transport !== undefined && transport !== 'docker') {
    const { pullTransport } = await import('../images/pull-transport.ts');
    return engine.images.inspect((await pullTransport(call, engine, reference))[0]);
  }
  if (transport === 'docker') return pullImage(call, engine, reference.slice('docker://'.length), policy);
  const options = await readPullOptions(call);
  if (policy === 'missing' || policy === 'never') {
    const found = await engine.images.find(reference);
    if (found !== undefined && (await isFor(engine, found, options.platform))) return found;
    if (policy === 'never') throw new LadingError(Code.NotFound, `${reference}: image not known`);
  }
  const quiet = call.flags.boolean('quiet');
  if (!quiet) await say(call, `Trying to pull ${await fullName(call, reference)}...`);
  return engine.images.pull(reference, {
    ...options,
    policy: policy === 'missing' ? 'always' : policy,
    ...(quiet ? {} : { onProgress: progressPrinter(call) }),
  });
}

/** What is there for another platform is not what was asked for. */
async function isFor(engine: Engine, { id }: ImageInfo, wanted: Platform | undefined): Promise<boolean> {
  if (wanted === undefined) return true;
  const { matchesPlatform } = await import('@lading/image-spec');
  const { architecture, os, variant } = (await engine.images.inspect(id)).config;
  return matchesPlatform({ architecture, os, ...(variant !== undefined && { variant }) }, wanted);
}

/** Where it is looked for first. */
async function fullName({ environment: { env } }: CommandCall, reference: string): Promise<string> {
  const [{ loadRegistries }, { formatReference, parseFamiliarReference, withDefaultTag }] = await Promise.all(
    [import('@lading/config'), import('@lading/image-spec')],
  );
  const [first = parseFamiliarReference(reference)] = (await loadRegistries({ env })).candidates(reference);
  return formatReference(withDefaultTag(first));
}
