// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { hostPlatform, type ImageSource } from '@lading/image-copy';
import { type Image, imageSource, indexSource, withData } from '@lading/image-edit';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  type Index,
  isConfigType,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { checkedImage, withImage, writeImage } from './edit-image.ts';
import { signalOf } from './retry.ts';
import { withSource } from './with-source.ts';

/** Makes an image of another one. What is to be disposed of is so when it has been written. */
export type ImageEdit = (image: Image) => Promise<Image | (Image & AsyncDisposable)>;

/**
 * Reads the first image of the command line, edits it by one edit after the other, with `--all` every image of a list,
 * and writes the second.
 */
export async function editImages(call: CommandCall, ...edits: readonly ImageEdit[]): Promise<void> {
  const [from = '', to = ''] = call.args;
  const signal = signalOf(call);
  const made: AsyncDisposable[] = [];
  const editOne = async (image: Image): Promise<Image> => {
    let current = image;
    for (const edit of edits) {
      const edited = await edit(current);
      if (Symbol.asyncDispose in edited) made.push(edited);
      current = edited;
    }
    return current;
  };
  try {
    if (call.flags.boolean('all')) await editAll(call, from, to, editOne, signal);
    else {
      await withImage(call, from, 'src-', signal, async (image) =>
        writeImage(call, await editOne(image), to, signal),
      );
    }
  } finally {
    for (const one of made) await one[Symbol.asyncDispose]();
  }
}

async function editAll(
  call: CommandCall,
  from: string,
  to: string,
  edit: (image: Image) => Promise<Image>,
  signal: AbortSignal,
): Promise<void> {
  await withSource(call, from, 'src-', async (source) => {
    const top = await source.manifest(undefined, { signal });
    const document = parseManifestOrIndex(top.bytes, top.mediaType);
    const edited =
      document.kind === 'index'
        ? await editList(call, source, document.index, edit, signal)
        : await imageSource(await edit(await checkedImage(call, source, hostPlatform(), signal)));
    await writeImage(call, edited, to, signal);
  });
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
  const edited = new Map<string | undefined, Descriptor>();
  for (const entry of index.manifests) {
    const found = await source.manifest(entry.digest, { signal });
    const one: ImageSource = { ...source, manifest: async () => found };
    const document = parseManifestOrIndex(found.bytes, entry.mediaType);
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
    // What the entry held was the manifest as it was.
    edited.set(entry.digest, withData({ ...entry, ...descriptor, platform }, undefined, 0));
  }
  const manifests = index.manifests.map((entry) => {
    const subject = entry.annotations?.[attestedDigest];
    const moved = edited.get(subject)?.digest;
    if (moved === undefined) return edited.get(entry.digest) ?? entry;
    return { ...entry, annotations: { ...entry.annotations, [attestedDigest]: moved } };
  });
  return indexSource({ ...index, manifests }, sources, source.reference);
}
