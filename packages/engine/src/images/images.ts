// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Digest,
  formatReference,
  type ImageConfig,
  parseFamiliarReference,
  parseImageConfig,
  type Reference,
  withDefaultTag,
} from '@lading/image-spec';
import type { ImageRecord, Store } from '@lading/storage';
import { isMadeByLading } from '../containers/remove-orphan.ts';
import type { EventBus } from '../core/event-bus.ts';
import type { RegistryOptions } from '../types/engine.ts';
import type {
  ImageDetails,
  ImageInfo,
  Images,
  PullOptions,
  PullProgress,
  RemovedImage,
} from '../types/images.ts';
import { isImageList } from './is-image-list.ts';
import { isShort, matchImage, repositoryOf } from './match-image.ts';
import { mergeCalls } from './merge-calls.ts';
import { namelessParents } from './nameless-parents.ts';

/** What images need of an engine; the two functions break the circle with containers. */
export interface ImagesContext {
  readonly store: Store;
  readonly registry: RegistryOptions;
  readonly events: EventBus;
  /** Ids and names of containers of ours that were made from an image. */
  readonly usersOf: (imageId: string) => Promise<readonly { readonly id: string; readonly name: string }[]>;
  readonly removeContainer: (id: string) => Promise<void>;
}

const configsKept = 256;

export function createImages(context: ImagesContext): Images {
  const { store } = context;
  const pulls = mergeCalls<ImageInfo, PullProgress>();

  async function find(ref: string): Promise<ImageRecord | undefined> {
    return matchImage(await store.images.list(), ref);
  }

  async function needed(ref: string): Promise<ImageRecord> {
    const image = await find(ref);
    if (image !== undefined) return image;
    throw new LadingError(Code.NotFound, `${ref}: image not known; pull it first`, {
      reason: 'IMAGE_UNKNOWN',
    });
  }

  /** The image itself, or the one that a list names for this machine; undefined where that is not here. */
  async function runnable(image: ImageRecord): Promise<ImageRecord | undefined> {
    if (!isImageList(image)) return image;
    const { instanceOf } = await import('./image-lists.ts');
    return instanceOf(store, image);
  }

  /** An id stands for one config: it need not be read and checked twice. */
  const configs = new Map<string, ImageConfig>();
  async function configOf(image: ImageRecord): Promise<ImageConfig> {
    const known = configs.get(image.id);
    if (known !== undefined) return known;
    const config = parseImageConfig(await store.images.readConfig(image.id));
    if (configs.size >= configsKept) configs.clear();
    configs.set(image.id, config);
    return config;
  }

  async function layersOf(image: ImageRecord): Promise<{ ids: string[]; sizeBytes: number }> {
    const ids: string[] = [];
    let sizeBytes = 0;
    for (let id = image.topLayer; id !== undefined && id !== ''; ) {
      const layer = await store.layers.get(id);
      if (layer === undefined) {
        throw new LadingError(
          Code.DataLoss,
          `image ${image.id.slice(0, 12)} misses layer ${id.slice(0, 12)}; pull it again`,
        );
      }
      ids.unshift(id);
      sizeBytes += layer.diffSize ?? 0;
      id = layer.parent;
    }
    return { ids, sizeBytes };
  }

  async function infoOf(image: ImageRecord, config: ImageConfig, sizeBytes: number): Promise<ImageInfo> {
    return {
      ...namesOf(image),
      createdAt: config.created ?? image.created,
      sizeBytes,
      labels: config.config?.Labels ?? {},
      isList: false,
    };
  }

  async function describe(image: ImageRecord): Promise<ImageInfo> {
    if (isImageList(image)) return describeList(image);
    const [config, { sizeBytes }] = await Promise.all([configOf(image), layersOf(image)]);
    return infoOf(image, config, sizeBytes);
  }

  async function pull(reference: string, options: PullOptions): Promise<ImageInfo> {
    const policy = options.policy ?? 'always';
    const local = policy === 'always' ? undefined : await find(reference);
    if (local !== undefined && policy !== 'newer') return describe(local);
    if (policy === 'never') return describe(await needed(reference));
    // Loaded here: what pulls is nothing that a start of a container should wait for.
    if (local === undefined) (await import('@lading/layer')).warmUpExtraction();
    const { pullImage } = await import('./pull.ts');
    const known = local && { image: local, name: matchedName(local, reference) };
    const id = await pullImage(context, reference, known, options);
    const image = await needed(id);
    context.events.emit({ type: 'image', action: 'pull', id, name: reference });
    return describe(image);
  }

  return {
    pull(reference, { signal, onProgress, ...same } = {}) {
      // Those who ask with other credentials must not get what these may read.
      const key = JSON.stringify([reference, Object.entries(same).sort()]);
      return pulls(key, { signal, onProgress }, (shared) => pull(reference, { ...same, ...shared }));
    },
    list: async () => Promise.all((await store.images.list()).map(describe)),
    async find(ref, { keepLists = false } = {}) {
      const image = await find(ref);
      const wanted = image === undefined || keepLists ? image : await runnable(image);
      return wanted && describe(wanted);
    },
    async inspect(ref): Promise<ImageDetails> {
      const image = await runnable(await needed(ref));
      if (image === undefined) {
        throw new LadingError(
          Code.NotFound,
          `${ref}: image not known; it is a list, whose image for this machine is not here: pull that first`,
          { reason: 'IMAGE_UNKNOWN' },
        );
      }
      const [config, manifest, layers] = await Promise.all([
        configOf(image),
        store.images.readManifest(image.id),
        layersOf(image),
      ]);
      return { ...(await infoOf(image, config, layers.sizeBytes)), config, manifest, layers: layers.ids };
    },
    async remove(ref, options = {}): Promise<RemovedImage> {
      const image = await needed(ref);
      const names = image.names ?? [];
      const byId = image.id.startsWith(ref.replace(/^sha256:/, ''));
      if (!byId && names.length > 1 && !options.allNames) {
        const name = matchedName(image, ref);
        await store.images.removeName(image.id, name);
        context.events.emit({ type: 'image', action: 'untag', id: image.id, name });
        return { id: image.id, untagged: [name], deleted: false, parents: [] };
      }
      if (byId && names.length > 1 && !options.force && !options.allNames) {
        throw new LadingError(
          Code.FailedPrecondition,
          `image ${image.id.slice(0, 12)} has ${names.length} names; remove it by force, or each name: ${names.join(', ')}`,
          { reason: 'IMAGE_HAS_NAMES' },
        );
      }
      const users = await context.usersOf(image.id);
      if (users.length > 0 && !options.force) {
        throw new LadingError(
          Code.FailedPrecondition,
          `image ${ref} is in use by container ${users.map(({ name }) => name).join(', ')}; remove that first, or the image by force`,
          { reason: 'IMAGE_IN_USE', details: { containers: users.map(({ id }) => id) } },
        );
      }
      // Before ours are removed: the image would stay all the same.
      const own = new Set(users.map(({ id }) => id));
      const others = (await store.containers.list()).filter(
        (container) => container.imageId === image.id && !own.has(container.id),
      );
      // One of ours without a record is just being made.
      const kept = others.find(({ metadata }) => !options.force || isMadeByLading(metadata));
      if (kept !== undefined) {
        throw new LadingError(
          Code.FailedPrecondition,
          `image ${ref} is in use by ${kept.names[0] ?? kept.id}, a container of another tool; remove it there first, or the image by force`,
          { reason: 'IMAGE_IN_USE', details: { containers: [kept.id] } },
        );
      }
      for (const { id } of others) await store.containers.delete(id);
      for (const { id } of users) await context.removeContainer(id);
      if (options.force && image.topLayer !== undefined)
        await store.images.unmount(image.id, { force: true });
      const parents = options.pruneParents ? await namelessParents(store, image, configOf) : [];
      for (const { id } of [image, ...parents]) {
        await store.images.delete(id, {});
        context.events.emit({ type: 'image', action: 'remove', id, name: id === image.id ? ref : id });
      }
      return { id: image.id, untagged: names, deleted: true, parents: parents.map(({ id }) => id) };
    },
    async tag(ref, name) {
      const image = await needed(ref);
      await store.images.addName(image.id, fullName(name));
      context.events.emit({ type: 'image', action: 'tag', id: image.id, name });
    },
    async untag(ref, names) {
      const image = await needed(ref);
      for (const name of names?.map(formerName) ?? image.names ?? []) {
        if (!image.names?.includes(name)) {
          throw new LadingError(Code.NotFound, `image ${image.id.slice(0, 12)} has no name "${name}"`);
        }
        await store.images.removeName(image.id, name);
        context.events.emit({ type: 'image', action: 'untag', id: image.id, name });
      }
    },
  };
}

/** A name to take away; a pull by digest has given one with a digest. */
function formerName(text: string): string {
  return formatReference(localReference(text));
}

/** A name that is given rather than looked for: without a host it is a local one. */
function localReference(text: string): Reference {
  return withDefaultTag(parseFamiliarReference(isShort(text) ? `localhost/${text}` : text));
}

function fullName(text: string): string {
  const reference = localReference(text);
  if (reference.digest !== undefined) {
    throw new LadingError(Code.InvalidArgument, `"${text}" has a digest; a name to give cannot`);
  }
  return formatReference(reference);
}

function namesOf(image: ImageRecord): Pick<ImageInfo, 'id' | 'names' | 'digest' | 'repoDigests'> {
  const { id, names } = image;
  const digest = image.digest as Digest | undefined;
  const repositories = [...new Set(names.map(repositoryOf))];
  const repoDigests = digest === undefined ? [] : repositories.map((repository) => `${repository}@${digest}`);
  return { id, names, digest, repoDigests };
}

/** A list has no config that could tell more, and the size of its documents. */
function describeList(image: ImageRecord): ImageInfo {
  const sizeBytes = Object.values(image.bigDataSizes).reduce((sum, size) => sum + size, 0);
  return { ...namesOf(image), createdAt: image.created, sizeBytes, labels: {}, isList: true };
}

function matchedName(image: ImageRecord, ref: string): string {
  const names = image.names ?? [];
  const found = names.find(
    (name) => matchImage([{ id: image.id, names: [name], digest: image.digest }], ref) !== undefined,
  );
  return found ?? names[0] ?? ref;
}
