// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { Code, hasCode, LadingError } from '@lading/errors';
import {
  type Digest,
  descriptorOf,
  encodeJson,
  isIndexType,
  MediaType,
  parseDigest,
} from '@lading/image-spec';
import type { Repository } from '@lading/registry-client';
import { formatOf } from '../convert.ts';
import { once } from '../once.ts';
import { emptyLayer, emptyLayerBytes } from '../schema1/write-schema1.ts';
import type { StoredManifest } from './types.ts';

/** How registries say that they delete manifests and no tags; Docker's says that a tag is no digest. */
const noSuchDelete: readonly Code[] = [Code.Unimplemented, Code.InvalidArgument, Code.NotFound];

/**
 * Takes a tag off a manifest, which stays. Where the registry deletes only manifests, the tag is first set to one
 * that nobody has, and that one is deleted: tags go with their manifest.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-tags
 */
export async function removeTag(
  repository: Repository,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { manifests } = repository;
  const kept = await manifests.fetch(tag, { signal });
  try {
    await manifests.delete(tag, { signal });
  } catch (error) {
    if (!noSuchDelete.some((code) => hasCode(error, code))) throw error;
    await moveAndDelete(repository, tag, kept, signal);
  }
  await putBack(repository, kept, signal);
}

async function moveAndDelete(
  repository: Repository,
  tag: string,
  kept: StoredManifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { manifests } = repository;
  const digest = await pushDummy(repository, tag, kept.descriptor.mediaType, signal);
  try {
    await manifests.delete(digest, { signal });
  } catch (cause) {
    // The tag must not be left at the dummy, also when the caller has stopped waiting.
    await manifests.push(kept.bytes, { mediaType: kept.descriptor.mediaType, tag });
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `the tag ${tag} stays as it was: the registry deletes nothing (${message})`, {
      reason: 'UNSUPPORTED',
      cause,
    });
  }
}

/** Some registries delete the manifest when they are given one of its tags. */
async function putBack(
  { manifests }: Repository,
  { descriptor, bytes }: StoredManifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await manifests.resolve(descriptor.digest, { signal });
  } catch (error) {
    if (!hasCode(error, Code.NotFound)) throw error;
    await manifests.push(bytes, { mediaType: descriptor.mediaType, signal });
  }
}

/** Of the empty layer, an image of which every registry takes. */
const emptyDiffId = parseDigest('sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef');

/** Sets the tag to an image of which there is only this one. */
async function pushDummy(
  { blobs, manifests }: Repository,
  tag: string,
  mediaType: string,
  signal: AbortSignal | undefined,
): Promise<Digest> {
  const isDocker = !isIndexType(mediaType) && formatOf(mediaType) === 'v2s2';
  const config = encodeJson({
    architecture: 'unknown',
    os: 'unknown',
    author: `lading: a tag is being deleted ${randomUUID()}`,
    config: {},
    rootfs: { type: 'layers', diff_ids: [emptyDiffId] },
  });
  const configBlob = await descriptorOf(isDocker ? MediaType.DockerConfig : MediaType.ImageConfig, config);
  const layer = isDocker ? emptyLayer : { ...emptyLayer, mediaType: MediaType.LayerGzip };
  await blobs.push(configBlob, () => once(config), { signal });
  await blobs.push(layer, () => once(emptyLayerBytes), { signal });
  const manifestType = isDocker ? MediaType.DockerManifest : MediaType.ImageManifest;
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: manifestType,
    config: configBlob,
    layers: [layer],
  });
  const { digest } = await manifests.push(manifest, { mediaType: manifestType, tag, signal });
  return digest;
}
