// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { formatReference, isDigest, parseFamiliarReference, type Reference } from '@lading/image-spec';
import type { TransportContext } from '../image-transport.ts';
import { openRepository } from '../repository/open-repository.ts';
import type { CallOptions } from '../types.ts';
import type { SyncRegistry } from './sync-file.ts';
import { type TagFilter, tagPattern, tagVersions } from './tag-filter.ts';

/** Where images to sync come from. */
export type SyncSource =
  /** A repository, all tags of it, or one image of it. */
  | { readonly transport: 'docker'; readonly reference: string }
  /** A folder with images of `dir:` in it, at any depth. */
  | { readonly transport: 'dir'; readonly path: string }
  /** What {@link parseSyncFile} read. */
  | { readonly transport: 'yaml'; readonly registries: readonly SyncRegistry[] };

/** An image to be synced. */
export interface SyncImage {
  /** As `openSource` takes it. */
  readonly from: string;
  /** What to open it with. */
  readonly context: TransportContext;
  /** Its name with all of its path: `quay.io/team/app:1`. */
  readonly name: string;
}

/** Options of {@link listSyncImages}. */
export interface ListSyncOptions extends CallOptions {
  /** Told of what cannot be listed and is passed over, as a file names it. */
  readonly onSkip?: ((message: string) => void) | undefined;
  /** Makes the context for a registry of a file, with its certificates and credentials. */
  readonly contextOf?: ((registry: SyncRegistry) => TransportContext | Promise<TransportContext>) | undefined;
}

/**
 * Lists the images of a source, in its order.
 *
 * @throws LadingError when a repository or folder that is named itself cannot be read or holds no image
 */
export async function listSyncImages(
  source: SyncSource,
  context: TransportContext = {},
  options: ListSyncOptions = {},
): Promise<readonly SyncImage[]> {
  if (source.transport === 'dir') return imagesInFolder(source.path, context);
  if (source.transport === 'docker') {
    const reference = parseFamiliarReference(source.reference);
    if (reference.tag !== undefined || reference.digest !== undefined) return [imageOf(reference, context)];
    const found = await imagesOf(reference, context, () => true, options);
    if (found.length > 0) return found;
    throw noImages(source.reference);
  }
  const all: SyncImage[] = [];
  for (const registry of source.registries) {
    const { contextOf = contextWith(context) } = options;
    all.push(...(await imagesOfRegistry(registry, await contextOf(registry), options)));
  }
  return all;
}

function contextWith(context: TransportContext): (registry: SyncRegistry) => TransportContext {
  return ({ credentials, tlsVerify }) => ({
    ...context,
    credentials: credentials ?? context.credentials,
    tlsVerify: tlsVerify ?? context.tlsVerify,
  });
}

/** What is wrong with one repository is no reason to leave the others out: so it is in skopeo. */
async function imagesOfRegistry(
  { registry, images, imagesByTagRegex, imagesBySemver }: SyncRegistry,
  context: TransportContext,
  options: ListSyncOptions,
): Promise<readonly SyncImage[]> {
  const { signal, onSkip } = options;
  const found: SyncImage[] = [];
  if (images.size + imagesByTagRegex.size + imagesBySemver.size === 0)
    onSkip?.(`${registry}: no images are named`);
  const attempt = async (name: string, list: () => Promise<readonly SyncImage[]>): Promise<void> => {
    try {
      const listed = await list();
      if (listed.length === 0) onSkip?.(`${name}: nothing to sync was found`);
      found.push(...listed);
    } catch (error) {
      signal?.throwIfAborted();
      onSkip?.(`${name}: ${LadingError.from(error).message}`);
    }
  };
  const filtered = (repository: string, filter: () => Promise<TagFilter> | TagFilter): Promise<void> =>
    attempt(`${registry}/${repository}`, async () =>
      imagesOf(repositoryOf(registry, repository), context, await filter(), options),
    );
  for (const [repository, versions] of images) {
    if (versions.length === 0) await filtered(repository, () => () => true);
    for (const version of versions) {
      const separator = isDigest(version) ? '@' : ':';
      await attempt(`${registry}/${repository}${separator}${version}`, async () => [
        imageOf(
          parseFamiliarReference(
            `${formatReference(repositoryOf(registry, repository))}${separator}${version}`,
          ),
          context,
        ),
      ]);
    }
  }
  for (const [repository, pattern] of imagesByTagRegex) await filtered(repository, () => tagPattern(pattern));
  for (const [repository, constraint] of imagesBySemver)
    await filtered(repository, () => tagVersions(constraint));
  return found;
}

function repositoryOf(registry: string, repository: string): Reference {
  const reference = parseFamiliarReference(`${registry}/${repository}`);
  if (reference.tag === undefined && reference.digest === undefined) return reference;
  throw new LadingError(Code.InvalidArgument, 'input names a reference, not a repository');
}

async function imagesOf(
  reference: Reference,
  context: TransportContext,
  isWanted: TagFilter,
  { signal }: CallOptions,
): Promise<readonly SyncImage[]> {
  await using opened = await openRepository(`docker://${formatReference(reference)}`, context);
  const tags = await Array.fromAsync(opened.repository.tags({ signal }));
  return tags.filter(isWanted).map((tag) => imageOf({ ...reference, tag }, context));
}

function imageOf(reference: Reference, context: TransportContext): SyncImage {
  const name = formatReference(reference);
  return { from: `docker://${name}`, context, name };
}

async function imagesInFolder(path: string, context: TransportContext): Promise<readonly SyncImage[]> {
  const { cwd = process.cwd() } = context;
  const root = resolve(cwd, path);
  try {
    await stat(root);
  } catch (cause) {
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `Invalid source directory specified: ${message}`, { cause });
  }
  const found: SyncImage[] = [];
  for await (const folder of imageFolders(root)) {
    const name = relative(root, folder);
    found.push({ from: `dir:${folder}`, context, name: name === '' ? basename(root) : name });
  }
  if (found.length === 0) throw noImages(path);
  return found;
}

/** The folders of images; none is looked for in another one after its manifest was met. */
async function* imageFolders(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    if (entry.isDirectory()) yield* imageFolders(join(folder, entry.name));
    else if (entry.name === 'manifest.json') {
      yield folder;
      return;
    }
  }
}

function noImages(source: string): LadingError {
  return new LadingError(Code.NotFound, `No images to sync found in ${JSON.stringify(source.slice(0, 200))}`);
}
