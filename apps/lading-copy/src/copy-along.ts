// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import {
  type CopyOptions,
  type CopyReferrersOptions,
  copyReferrers,
  type ImageRepository,
  openRepository,
} from '@lading/image-copy';
import { type Descriptor, type Digest, isIndexType, parseIndex } from '@lading/image-spec';
import { transportContext } from './registry-context.ts';

/** What `copy --referrers` copies after the image. */
export interface ReferrersAlong {
  copy(copied: Descriptor, platform: CopyOptions['platform'], signal: AbortSignal): Promise<void>;
}

/** Makes sure that both sides keep referrers, before anything is copied. */
export async function openReferrers(call: CommandCall, from: string, to: string): Promise<ReferrersAlong> {
  const depth = depthOf(call);
  const [source, destination] = [
    await transportContext(call, from, 'src-'),
    await transportContext(call, to, 'dest-'),
  ];
  for (const [text, context] of [
    [from, source],
    [to, destination],
  ] as const) {
    await using _ = await openRepository(text, context);
  }
  const onCopied = createTeller(call);
  return {
    async copy(copied, platform, signal) {
      await using opened = await openRepository(from, source);
      await using target = await openRepository(to, destination, { use: 'write' });
      const images = platform === 'all' ? await imagesIn(opened.repository, copied, signal) : [];
      for (const digest of [copied.digest, ...images])
        await copyReferrers(opened.repository, target.repository, digest, { depth, signal, onCopied });
    },
  };
}

function depthOf({ flags }: CommandCall): number | undefined {
  const text = flags.string('referrers');
  if (text === undefined || text === 'all') return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw usageError(`--referrers=${text}: the depth is a number from 1 on; without one all are copied`);
}

function createTeller({ flags, environment }: CommandCall): CopyReferrersOptions['onCopied'] {
  if (flags.boolean('quiet')) return undefined;
  return ({ descriptor, tag }, state) => {
    const skipped = state === 'exists' ? ' skipped: already exists' : '';
    void environment.stderr(`Copying referrer ${tag ?? descriptor.digest}${skipped}\n`);
  };
}

async function imagesIn(
  repository: ImageRepository,
  copied: Descriptor,
  signal: AbortSignal,
): Promise<readonly Digest[]> {
  if (!isIndexType(copied.mediaType)) return [];
  const { bytes } = await repository.manifest(copied.digest, { signal });
  return parseIndex(bytes).manifests.map(({ digest }) => digest);
}
