// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { hostPlatform, type ImageSource, onSide, openSource } from '@lading/image-copy';
import { type Image, imageSource, indexSource, mutateImage } from '@lading/image-edit';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  type Index,
  isConfigType,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { checkedImage, withImage, writeImage } from '../edit-image.ts';
import { imageChanges } from '../image-changes.ts';
import { transportContext } from '../registry-context.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [from = '', to = ''] = call.args;
  const signal = signalOf(call);
  const changes = imageChanges(call);
  const edit = (image: Image): Promise<Image> => mutateImage(image, changes);
  if (!call.flags.boolean('all')) {
    await withImage(call, from, 'src-', signal, async (image) =>
      writeImage(call, await edit(image), to, signal),
    );
    return 0;
  }
  const source = await openSource(from, await transportContext(call, from, 'src-'));
  try {
    const top = await source.manifest(undefined, { signal });
    const document = parseManifestOrIndex(top.bytes, top.mediaType);
    const edited =
      document.kind === 'index'
        ? await editList(call, source, document.index, edit, signal)
        : await imageSource(await edit(await checkedImage(call, source, hostPlatform(), signal)));
    await writeImage(call, edited, to, signal);
  } catch (error) {
    throw onSide('source', from, error);
  } finally {
    await source.close();
  }
  return 0;
}

/** What builders keep beside an image names it by digest. */
const attestedDigest = 'vnd.docker.reference.digest';

/** Every image of a list; attestations and other artifacts stay as they are. */
async function editList(
  call: CommandCall,
  source: ImageSource,
  index: Index,
  edit: (image: Image) => Promise<Image>,
  signal: AbortSignal,
): Promise<ImageSource> {
  const sources = new Map<Digest, ImageSource>();
  const edited = new Map<Digest, Descriptor>();
  for (const entry of index.manifests) {
    const one: ImageSource = { ...source, manifest: (_, options) => source.manifest(entry.digest, options) };
    const { bytes } = await one.manifest(undefined, { signal });
    const document = parseManifestOrIndex(bytes, entry.mediaType);
    const isImage = document.kind === 'manifest' && isConfigType(document.manifest.config.mediaType);
    if (!isImage || entry.platform?.os === 'unknown') {
      sources.set(entry.digest, one);
      continue;
    }
    const image = await edit(await checkedImage(call, one, hostPlatform(), signal));
    const made = await imageSource(image);
    const descriptor = await descriptorOf(image.mediaType, encodeJson(image.manifest));
    sources.set(descriptor.digest, made);
    const { os, architecture, variant } = image.config;
    const platform = {
      ...entry.platform,
      os,
      architecture,
      ...(variant === undefined ? {} : { variant }),
    };
    edited.set(entry.digest, { ...entry, ...descriptor, platform });
  }
  const manifests = index.manifests.map((entry) => {
    const subject = entry.annotations?.[attestedDigest];
    const moved = [...edited].find(([digest]) => digest === subject)?.[1].digest;
    if (moved === undefined) return edited.get(entry.digest) ?? entry;
    return { ...entry, annotations: { ...entry.annotations, [attestedDigest]: moved } };
  });
  return indexSource({ ...index, manifests }, sources, source.reference);
}
