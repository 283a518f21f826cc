// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import {
  type CopyOptions,
  listSyncImages,
  parseSyncFile,
  type SyncDestination,
  type SyncImage,
  type SyncSource,
  syncImage,
  syncTarget,
  type TransportContext,
} from '@lading/image-copy';
import { formatOf } from '../image-format.ts';
import { platformOf } from '../platform.ts';
import { bytesPerSecondOf } from '../rate.ts';
import { tlsOf, transportContext } from '../registry-context.ts';
import { createReporter } from '../reporter.ts';
import { signalOf, withRetries } from '../retry.ts';
import { signatureOptions } from '../signers.ts';
import { trustPolicy } from '../trust-policy.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [from = '', to = ''] = args;
  const say = (line: string): void => void environment.stderr(`${singleLine(line)}\n`);
  const signal = signalOf(call);
  // The source is looked at first, as skopeo does.
  const source = flags.string('src') ?? '';
  if (source === '') throw usageError('A source transport must be specified');
  const destination = destinationOf(call, to);
  const { transport } = destination;
  checkSource(source, transport);
  const options: CopyOptions = {
    platform: flags.boolean('all') ? 'all' : platformOf(flags),
    format: formatOf(flags),
    policy: await trustPolicy(call),
    requireSigned: flags.boolean('require-signed'),
    bytesPerSecond: bytesPerSecondOf(flags),
    preserveDigests: flags.boolean('preserve-digests'),
    ...(await signatureOptions(call)),
    signal,
  };
  const images = await withRetries(call, signal, () => listImages(call, from, signal, say));
  const context =
    transport === 'docker' ? await transportContext(call, 'docker:', 'dest-') : { cwd: environment.cwd };
  const isDryRun = flags.boolean('dry-run');
  if (isDryRun) say('Running in dry-run mode');

  const digests: string[] = [];
  let failures = 0;
  for (const [i, image] of images.entries()) {
    const target = syncTarget(image, destination);
    const verb = isDryRun ? 'Would have copied' : 'Copying';
    say(`${verb} image ref ${i + 1}/${images.length} from ${image.from} to ${target}`);
    if (isDryRun) continue;
    const reporter = createReporter(call);
    try {
      const { state, digest } = await withRetries(call, signal, () =>
        syncImage(image, target, context, { ...options, onProgress: reporter.onProgress }),
      );
      if (state === 'present') say(`Image ${target} is there already: ${digest}`);
      digests.push(`${digest} ${target}\n`);
    } catch (reason) {
      const error = copyError(image, reason);
      if (!flags.boolean('keep-going') || signal.aborted) throw error;
      failures += 1;
      say(`Error: ${error.message}`);
    } finally {
      reporter.end();
    }
  }
  const digestFile = flags.string('digestfile');
  if (digestFile !== undefined && !isDryRun)
    await writeFile(resolve(environment.cwd, digestFile), digests.join(''));
  say(`${isDryRun ? 'Would have synced' : 'Synced'} ${images.length - failures} images`);
  if (failures === 0) return 0;
  throw new LadingError(Code.Unknown, 'Sync failed due to previous reported error(s) for one or more images');
}

function copyError({ from }: SyncImage, cause: unknown): LadingError {
  const { code, reason, message } = LadingError.from(cause);
  return new LadingError(code, `Error copying ref "${from}": ${message}`, {
    ...(reason === undefined ? {} : { reason }),
    cause,
  });
}

function checkSource(source: string, destination: 'docker' | 'dir'): void {
  if (source !== 'docker' && source !== 'dir' && source !== 'yaml')
    throw usageError(`"${source}" is not a valid source transport`);
  if (source === 'dir' && destination === 'dir')
    throw usageError("sync from 'dir' to 'dir' not implemented, consider using rsync instead");
}

function destinationOf({ flags }: CommandCall, prefix: string): SyncDestination {
  const transport = flags.string('dest') ?? '';
  if (transport === '') throw usageError('A destination transport must be specified');
  if (transport !== 'docker' && transport !== 'dir')
    throw usageError(`"${transport}" is not a valid destination transport`);
  return { transport, prefix, scoped: flags.boolean('scoped'), suffix: flags.string('append-suffix') };
}

async function listImages(
  call: CommandCall,
  from: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<readonly SyncImage[]> {
  const { cwd } = call.environment;
  const transport = call.flags.string('src');
  if (transport === 'dir') return listSyncImages({ transport, path: from }, { cwd });
  const context = await transportContext(call, 'docker:', 'src-');
  const source: SyncSource =
    transport === 'docker'
      ? { transport, reference: from }
      : { transport: 'yaml', registries: await parseSyncFile(await readSyncFile(resolve(cwd, from))) };
  return listSyncImages(source, context, {
    signal,
    onSkip: (message) => say(`Warning: skipped ${message}`),
    contextOf: async ({ credentials, tlsVerify, certDir }): Promise<TransportContext> => ({
      ...context,
      credentials: credentials ?? context.credentials,
      tlsVerify: tlsVerify ?? context.tlsVerify,
      tls: certDir === undefined ? context.tls : await tlsOf(call, resolve(cwd, certDir)),
    }),
  });
}

async function readSyncFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `the file of what to sync cannot be read: ${message}`, { cause });
  }
}
