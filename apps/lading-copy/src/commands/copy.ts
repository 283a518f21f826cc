// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import {
  type CopyOptions,
  type CopyResult,
  copyImage,
  openDestination,
  openKnownLayers,
  openSource,
} from '@lading/image-copy';
import type { Digest } from '@lading/image-spec';
import { openReferrers } from '../copy-along.ts';
import { encryptionOptions } from '../encryption-options.ts';
import { formatOf } from '../image-format.ts';
import { platformOf } from '../platform.ts';
import { bytesPerSecondOf } from '../rate.ts';
import { referenceByDigest } from '../reference-by-digest.ts';
import { transportContext } from '../registry-context.ts';
import { createReporter } from '../reporter.ts';
import { signalOf, withRetries } from '../retry.ts';
import { signatureOptions } from '../signers.ts';
import { compressionOf, writingOptions } from '../transport-options.ts';
import { trustPolicy } from '../trust-policy.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [from = '', to = ''] = args;
  const platform = platformChoice(flags);
  const compression = compressionOf(call);
  const writing = writingOptions(call);
  const format = formatOf(flags);
  const signal = signalOf(call);
  const policy = await trustPolicy(call);
  const signatures = await signatureOptions(call);
  const encryption = await encryptionOptions(call);
  const bytesPerSecond = bytesPerSecondOf(flags);
  const isQuiet = flags.boolean('quiet');
  const reporter = createReporter(call, isQuiet);
  await warnOfOldFlags(call, to);

  const knownLayers = openKnownLayers(knownLayersPath(environment.env), {
    onWarning: (message) => void environment.stderr(`Warning: ${message}\n`),
  });

  async function copy(): Promise<CopyResult> {
    const source = await openSource(from, await transportContext(call, from, 'src-'));
    try {
      const destination = await openDestination(to, {
        ...(await transportContext(call, to, 'dest-')),
        ...writing,
      });
      try {
        return await copyImage(source, destination, {
          platform,
          format,
          compression,
          knownLayers,
          policy,
          requireSigned: flags.boolean('require-signed'),
          preserveDigests: flags.boolean('preserve-digests') || flags.given('referrers'),
          parallel: flags.int('image-parallel-copies') || undefined,
          bytesPerSecond,
          ...signatures,
          ...encryption,
          signal,
          onProgress: reporter.onProgress,
        });
      } finally {
        await destination.close();
      }
    } finally {
      await source.close();
    }
  }

  const along = flags.given('referrers') ? await openReferrers(call, from, to) : undefined;
  const { descriptor } = await withRetries(call, signal, copy).finally(() => reporter.end());
  if (along !== undefined) await withRetries(call, signal, () => along.copy(descriptor, platform, signal));
  const digestFile = flags.string('digestfile');
  if (digestFile) await writeDigest(resolve(environment.cwd, digestFile), descriptor.digest);
  if (!isQuiet) await environment.stdout(`${referenceByDigest(to, descriptor.digest)}\n`);
  return 0;
}

async function writeDigest(path: string, digest: Digest): Promise<void> {
  try {
    await writeFile(path, digest);
  } catch (cause) {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `Failed to write digest to file ${path}: ${reason ?? message}`, { cause });
  }
}

/** What skopeo accepts and does nothing with, or has another name for by now. */
async function warnOfOldFlags({ flags, environment }: CommandCall, to: string): Promise<void> {
  const warn = (text: string) => environment.stderr(`Warning: ${text}\n`);
  if (flags.given('tls-verify')) {
    await warn("'--tls-verify' is deprecated, instead use: --src-tls-verify, --dest-tls-verify");
  }
  for (const name of ['dest-compress', 'dest-decompress']) {
    if (!flags.boolean(name) || to.startsWith('dir:')) continue;
    await warn(`--${name} can only be used if the destination transport is 'dir'`);
  }
}

function platformChoice(flags: Flags): CopyOptions['platform'] {
  const multiArch = flags.string('multi-arch');
  if (multiArch === undefined) return flags.boolean('all') ? 'all' : platformOf(flags);
  if (flags.boolean('all')) throw usageError('Cannot use --all and --multi-arch flags together');
  if (multiArch === 'system') return platformOf(flags);
  if (multiArch === 'all' || multiArch === 'index-only') return multiArch;
  throw usageError(
    `unknown multi-arch option "${multiArch}". Choose one of the supported options: 'system', 'all', or 'index-only'`,
  );
}

/** A cache of the user's: what is in it says which blobs stand for which, so no one else may write to it. */
function knownLayersPath(env: CommandCall['environment']['env']): string {
  const caches = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(caches, 'lading/known-layers.jsonl');
}
