// SPDX-License-Identifier: Apache-2.0
import { convertManifest, formatOf } from '@lading/image-copy';
import { Annotation, type Digest, digestBytes, encodeJson, MediaType } from '@lading/image-spec';
import { countBaseLayers } from './base-layers.ts';
import { type Image, withConfig } from './image.ts';
import { mergeContainers } from './merge-containers.ts';

/** Options of {@link rebaseImage}. */
export interface RebaseOptions {
  /** The name of the new base, for `org.opencontainers.image.base.name`. Default: as it was. */
  readonly baseName?: string | undefined;
}

/**
 * Takes the layers of an image off one base and puts them on another: without a build, so the new base must fit. What
 * the image has inherited of the old base's environment, labels and so on comes from the new one.
 *
 * @throws FailedPrecondition (`BASE_MISMATCH`) where the old base is not what the image begins with
 */
export async function rebaseImage(
  image: Image,
  oldBase: Image,
  newBase: Image,
  { baseName }: RebaseOptions = {},
): Promise<Image> {
  const oldCount = countBaseLayers(image, oldBase);
  const { config } = image;
  const { architecture, os, variant, history: baseHistory = [] } = newBase.config;
  const { variant: _variant, 'os.version': _version, 'os.features': _features, ...own } = config;
  const [version, features] = [newBase.config['os.version'], newBase.config['os.features']];
  const rebased = await withConfig(
    image,
    {
      ...own,
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      ...(version === undefined ? {} : { 'os.version': version }),
      ...(features === undefined ? {} : { 'os.features': features }),
      config: mergeContainers(config.config ?? {}, oldBase.config.config ?? {}, newBase.config.config ?? {}),
      rootfs: {
        type: 'layers',
        diff_ids: [...newBase.config.rootfs.diff_ids, ...config.rootfs.diff_ids.slice(oldCount)],
      },
      history: [...baseHistory, ...(config.history ?? []).slice(oldBase.config.history?.length ?? 0)],
    },
    [...newBase.manifest.layers, ...image.manifest.layers.slice(oldCount)],
  );
  const fromNew = new Set<Digest>(newBase.manifest.layers.map(({ digest }) => digest));
  const format = formatOf(image.mediaType);
  const manifest =
    format === formatOf(newBase.mediaType) ? rebased.manifest : convertManifest(rebased.manifest, format);
  return {
    ...rebased,
    manifest:
      image.mediaType === MediaType.DockerManifest
        ? manifest
        : {
            ...manifest,
            annotations: {
              ...manifest.annotations,
              [Annotation.BaseDigest]: await digestBytes(encodeJson(newBase.manifest)),
              ...(baseName === undefined ? {} : { [Annotation.BaseName]: baseName }),
            },
          },
    blob: (descriptor, options) =>
      (fromNew.has(descriptor.digest) ? newBase : image).blob(descriptor, options),
  };
}
