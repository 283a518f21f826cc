// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Registries } from '@lading/config';
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
  if (transport === 'docker') {
    const { formatReference, parseFamiliarReference } = await import('@lading/image-spec');
    // What has its transport is no short name.
    const name = formatReference(parseFamiliarReference(reference.slice('docker://'.length)));
    return pullImage(call, engine, name, policy);
  }
  const options = await readPullOptions(call);
  if (policy === 'missing' || policy === 'never') {
    const found = await engine.images.find(reference);
    if (found !== undefined && (await isFor(engine, found, options.platform))) return found;
    if (policy === 'never') throw new LadingError(Code.NotFound, `${reference}: image not known`);
  }
  const quiet = call.flags.boolean('quiet');
  const { loadRegistries } = await import('@lading/config');
  const registries = await loadRegistries({ env: call.environment.env });
  const names = await fullNames(registries, reference);
  const choice = await choose(call, engine, reference, names, registries, options.platform);
  if (!quiet) await say(call, `Trying to pull ${choice?.name ?? names[0]}...`);
  const image = await engine.images.pull(choice?.name ?? reference, {
    ...options,
    policy: policy === 'missing' ? 'always' : policy,
    ...(quiet ? {} : { onProgress: progressPrinter(call) }),
  });
  await choice?.record?.();
  return image;
}

/** What is there for another platform is not what was asked for. */
async function isFor(engine: Engine, { id }: ImageInfo, wanted: Platform | undefined): Promise<boolean> {
  if (wanted === undefined) return true;
  const { matchesPlatform } = await import('@lading/image-spec');
  const { architecture, os, variant } = (await engine.images.inspect(id)).config;
  return matchesPlatform({ architecture, os, ...(variant !== undefined && { variant }) }, wanted);
}

/** Where it is looked for, in this order. */
async function fullNames({ candidates }: Registries, reference: string): Promise<readonly string[]> {
  const { formatReference, parseFamiliarReference, withDefaultTag } = await import('@lading/image-spec');
  const found = candidates(reference);
  const all = found.length > 0 ? found : [parseFamiliarReference(reference)];
  return all.map((one) => formatReference(withDefaultTag(one)));
}

/** Of several names that of the image which is here already, when any platform will do; else one that a person chooses. */
async function choose(
  call: CommandCall,
  engine: Engine,
  reference: string,
  names: readonly string[],
  { shortNameMode }: Registries,
  platform: Platform | undefined,
): Promise<{ readonly name: string; readonly record?: () => Promise<void> } | undefined> {
  if (names.length < 2) return undefined;
  const local = platform === undefined ? await engine.images.find(reference) : undefined;
  const name = names.find((one) => local?.names.includes(one));
  if (name !== undefined) return { name };
  const { stdinIsTerminal, stdoutIsTerminal } = call.environment;
  if (shortNameMode === 'disabled' || !stdinIsTerminal || !stdoutIsTerminal) return undefined;
  return (await import('../images/choose-name.ts')).chooseName(call, reference, names);
}
