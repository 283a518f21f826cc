// SPDX-License-Identifier: Apache-2.0
import type { Image, ImageServiceHandlers, Input } from '@lading/cri-api';
import type { Engine, ImageInfo, PullOptions } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { parseFamiliarReference } from '@lading/image-spec';
import { credentialsOf } from './credentials.ts';
import { ignoringUnknown, isUnknown } from './find.ts';
import { isPinned } from './pinned-images.ts';
import { filesystemUsage } from './stats-messages.ts';

export interface ImageOptions {
  /** True for a registry that is spoken to without verified TLS. */
  readonly isInsecure: (host: string) => boolean;
  /** Patterns of images that are not to be collected. Default: none. */
  readonly pinned?: (() => readonly string[]) | undefined;
  /** Hears of the layers of each pull. */
  readonly onProgress?: PullOptions['onProgress'] | undefined;
}

const imagesPerMessage = 500;

/** The image service over the engine's images. */
export function imageHandlers(engine: Engine, options: ImageOptions): ImageServiceHandlers {
  const list = async (wanted: string): Promise<readonly Input<Image>[]> => {
    if (wanted !== '') {
      const found = await engine.images.find(wanted);
      return found === undefined ? [] : orNone(engine, found, options.pinned);
    }
    return (
      await Promise.all((await engine.images.list()).map((image) => orNone(engine, image, options.pinned)))
    ).flat();
  };
  return {
    async listImages({ filter }) {
      return { images: await list(filter?.image?.image ?? '') };
    },
    async *streamImages({ filter }) {
      const all = await list(filter?.image?.image ?? '');
      for (let i = 0; i < all.length; i += imagesPerMessage)
        yield { images: all.slice(i, i + imagesPerMessage) };
    },
    async imageStatus({ image, verbose }) {
      const found = await engine.images.find(nameOf(image));
      if (found === undefined) return {};
      const info = verbose
        ? { info: JSON.stringify({ imageSpec: (await engine.images.inspect(found.id)).config }) }
        : {};
      return { image: await imageOf(engine, found, options.pinned), info };
    },
    async pullImage({ image, auth }, { signal }) {
      const name = nameOf(image);
      const { host } = parseFamiliarReference(name);
      const insecure = options.isInsecure(host);
      const credentials = auth === undefined ? undefined : credentialsOf(auth, host);
      const pulled = await pullInWordsOfKubelet(engine, name, {
        policy: 'always',
        signal,
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        ...(insecure ? { tlsVerify: false } : {}),
        ...(credentials === undefined ? {} : { credentials }),
      });
      return { imageRef: pulled.id };
    },
    async removeImage({ image }, { signal }) {
      await ignoringUnknown(async () => {
        const found = await engine.images.find(nameOf(image));
        // As the kubelet means it: with all its names, unless a container was made from it.
        if (found !== undefined) await engine.images.remove(found.id, { allNames: true, signal });
      });
      return {};
    },
    async imageFsInfo(_request, { signal }) {
      const { images: ofImages, containers } = await engine.usage.store({ signal });
      return {
        imageFilesystems: [filesystemUsage(ofImages, ofImages.folder)],
        containerFilesystems: [filesystemUsage(containers, containers.folder)],
      };
    },
  };
}

/** The kubelet tells by the first word of a message that the registry or a signature is to blame. */
async function pullInWordsOfKubelet(
  engine: Engine,
  name: string,
  options: PullOptions,
): ReturnType<Engine['images']['pull']> {
  try {
    return await engine.images.pull(name, options);
  } catch (error) {
    const { code, reason, message } = LadingError.from(error);
    const word = reason === 'POLICY_REJECTED' ? 'SignatureValidationFailed' : 'RegistryUnavailable';
    if (code !== Code.Unavailable && reason !== 'POLICY_REJECTED') throw error;
    throw new LadingError(code, `${word}: ${message}`, {
      ...(reason !== undefined && { reason }),
      cause: error,
    });
  }
}

function nameOf(image: { readonly image: string } | undefined): string {
  if (!image?.image) throw new LadingError(Code.InvalidArgument, 'image.image is empty');
  return image.image;
}

/** Nothing for an image that was removed after it was listed. */
async function orNone(
  engine: Engine,
  image: ImageInfo,
  pinned: ImageOptions['pinned'],
): Promise<readonly Input<Image>[]> {
  // Other tools' lists of images: there is nothing in them that a kubelet could run or remove.
  if (image.isList) return [];
  try {
    return [await imageOf(engine, image, pinned)];
  } catch (error) {
    if (isUnknown(error)) return [];
    throw error;
  }
}

async function imageOf(
  engine: Engine,
  image: ImageInfo,
  pinned: ImageOptions['pinned'],
): Promise<Input<Image>> {
  const { config } = await engine.images.inspect(image.id);
  const user = (config.config?.User ?? '').split(':')[0] ?? '';
  return {
    id: image.id,
    repoTags: image.names.filter((name) => !name.includes('@')),
    repoDigests: image.repoDigests,
    size: BigInt(image.sizeBytes),
    pinned: isPinned(image.names, pinned?.() ?? []),
    ...(/^\d+$/.test(user) ? { uid: { value: BigInt(user) } } : { username: user }),
  };
}
