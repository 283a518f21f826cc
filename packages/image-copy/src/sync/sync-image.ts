// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Digest, parseManifestOrIndex } from '@lading/image-spec';
import { chooseInstance, hostPlatform } from '../choose-instance.ts';
import { formatOf } from '../convert.ts';
import { copyImage } from '../copy-image.ts';
import type { CopyOptions } from '../copy-options.ts';
import type { TransportContext } from '../image-transport.ts';
import { withInnerImages } from '../inner-images.ts';
import { openRepository } from '../repository/open-repository.ts';
import { openDestination, openSource } from '../transports.ts';
import { checkPolicy } from '../trust/check-policy.ts';
import type { CallOptions, ImageSource, ManifestBytes } from '../types.ts';
import type { SyncImage } from './list-images.ts';

/** Where images are synced to. */
export interface SyncDestination {
  readonly transport: 'docker' | 'dir';
  /** What goes before the names of the images: `registry.example.com/mirror`, a folder. */
  readonly prefix: string;
  /** True: names keep all of their path, so that images of several places do not meet. Default: the last part. */
  readonly scoped?: boolean | undefined;
  /** What goes after the names. */
  readonly suffix?: string | undefined;
}

/** What became of an image. */
export interface SyncedImage {
  readonly state: 'copied' | 'present';
  /** What the destination has under the name now. */
  readonly digest: Digest;
}

/** The reference that an image is synced to, under skopeo's rules. */
export function syncTarget({ name }: Pick<SyncImage, 'name'>, destination: SyncDestination): string {
  const { transport, prefix, scoped = false, suffix = '' } = destination;
  const path = posix.join(prefix, scoped ? name : posix.basename(name)) + suffix;
  return transport === 'docker' ? `docker://${path}` : `dir:${path}`;
}

/**
 * Copies an image, unless the destination has it: then nothing is read but its manifest. A folder that holds another
 * image is left alone.
 *
 * @throws AlreadyExists for such a folder, and what `copyImage` throws
 */
export async function syncImage(
  image: SyncImage,
  target: string,
  context: TransportContext = {},
  options: CopyOptions = {},
): Promise<SyncedImage> {
  const { signal } = options;
  const current = await digestAt(target, context, { signal });
  const source = await openSource(image.from, image.context);
  try {
    if (current !== undefined) {
      const wanted = await wantedManifest(source, options);
      if (wanted?.digest === current) return { state: 'present', digest: current };
      if (target.startsWith('dir:')) throw taken(target.slice('dir:'.length));
    }
    const destination = await openDestination(target, context);
    try {
      const { descriptor } = await copyImage(source, destination, options);
      return { state: 'copied', digest: descriptor.digest };
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}

/** The digest that a destination names now. */
async function digestAt(
  target: string,
  context: TransportContext,
  { signal }: CallOptions,
): Promise<Digest | undefined> {
  try {
    if (target.startsWith('dir:')) return await digestInFolder(target, context, signal);
    await using opened = await openRepository(target, context, { use: 'write' });
    return (await opened.repository.resolve(opened.version ?? 'latest', { signal })).digest;
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

/** A folder without a manifest is one that a sync left before its end, or somebody else's. */
async function digestInFolder(
  target: string,
  context: TransportContext,
  signal: AbortSignal | undefined,
): Promise<Digest | undefined> {
  const path = target.slice('dir:'.length);
  const names = await readdir(resolve(context.cwd ?? process.cwd(), path));
  if (names.length === 0) return undefined;
  if (!names.includes('manifest.json')) {
    if (names.includes('version')) return undefined;
    throw taken(path);
  }
  const source = await openSource(target, context);
  try {
    return (await source.manifest(undefined, { signal })).digest;
  } finally {
    await source.close();
  }
}

/** The manifest that would be written as it is; undefined where it would be changed. Refused by the policy as in a copy. */
async function wantedManifest(source: ImageSource, options: CopyOptions): Promise<ManifestBytes | undefined> {
  const { platform = hostPlatform(), format, signal, policy } = options;
  const top = await source.manifest(undefined, { signal });
  const document = parseManifestOrIndex(top.bytes, top.mediaType);
  const isWhole = document.kind === 'manifest' || platform === 'all' || platform === 'index-only';
  const entry = isWhole
    ? top
    : chooseInstance(await withInnerImages(source, document.index, { signal }), platform);
  if (format !== undefined && formatOf(entry.mediaType) !== format) return undefined;
  const bytes =
    isWhole || policy === undefined ? top.bytes : (await source.manifest(entry.digest, { signal })).bytes;
  const wanted = { bytes, mediaType: entry.mediaType, digest: entry.digest };
  await checkPolicy({ source, options }, wanted, isWhole ? undefined : entry.digest);
  return wanted;
}

function taken(path: string): LadingError {
  return new LadingError(
    Code.AlreadyExists,
    `Refusing to overwrite destination directory ${JSON.stringify(path.slice(0, 200))}`,
    { details: { side: 'destination' } },
  );
}
