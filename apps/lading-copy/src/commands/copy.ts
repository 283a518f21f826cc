// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import {
  type CopyResult,
  copyImage,
  type ManifestFormat,
  openDestination,
  openSource,
} from '@lading/image-copy';
import { platformOf } from '../platform.ts';
import { transportContext } from '../registry-context.ts';
import { createReporter } from '../reporter.ts';
import { signalOf, withRetries } from '../retry.ts';
import { trustPolicy } from '../trust-policy.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [from = '', to = ''] = args;
  const all = copiesAll(flags);
  const format = formatOf(flags);
  const signal = signalOf(call);
  const policy = await trustPolicy(call);
  const onProgress = flags.boolean('quiet') ? undefined : createReporter(environment);

  async function copy(): Promise<CopyResult> {
    const source = await openSource(from, await transportContext(call, from, 'src-'));
    try {
      const destination = await openDestination(to, await transportContext(call, to, 'dest-'));
      try {
        return await copyImage(source, destination, {
          platform: all ? 'all' : platformOf(flags),
          format,
          policy,
          requireSigned: flags.boolean('require-signed'),
          preserveDigests: flags.boolean('preserve-digests'),
          parallel: flags.int('image-parallel-copies') || undefined,
          signal,
          onProgress,
        });
      } finally {
        await destination.close();
      }
    } finally {
      await source.close();
    }
  }

  const { descriptor } = await withRetries(call, signal, copy);
  const digestFile = flags.string('digestfile');
  if (digestFile !== undefined) await writeFile(resolve(environment.cwd, digestFile), descriptor.digest);
  return 0;
}

function copiesAll(flags: Flags): boolean {
  const multiArch = flags.string('multi-arch');
  if (multiArch === undefined) return flags.boolean('all');
  if (flags.boolean('all')) throw usageError('Cannot use --all and --multi-arch flags together');
  if (multiArch === 'index-only') throw usageError('--multi-arch=index-only is not supported yet');
  if (multiArch !== 'all' && multiArch !== 'system') {
    throw usageError(
      `unknown multi-arch option "${multiArch}". Choose one of the supported options: 'system' or 'all'`,
    );
  }
  return multiArch === 'all';
}

function formatOf(flags: Flags): ManifestFormat | undefined {
  const format = flags.string('format');
  if (format === undefined || format === 'oci' || format === 'v2s2') return format;
  throw usageError(`unknown format "${format}". Choose one of the supported formats: 'oci' or 'v2s2'`);
}
