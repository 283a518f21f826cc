// SPDX-License-Identifier: Apache-2.0
import { openRepository } from '@lading/image-copy';
import { type Descriptor, descriptorOf, EmptyDescriptor, encodeJson, MediaType } from '@lading/image-spec';

export interface ArtifactOptions {
  readonly type: string;
  readonly subject?: Descriptor;
  readonly tag?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly content?: string;
}

/** Puts a small artifact into the repository or layout of a reference. */
export async function putArtifact(
  reference: string,
  { type, subject, tag, annotations, content = type }: ArtifactOptions,
): Promise<Descriptor> {
  await using opened = await openRepository(reference, { tlsVerify: false }, { use: 'write' });
  const bytes = new TextEncoder().encode(content);
  const layer = await descriptorOf(type, bytes);
  await opened.repository.pushBlob(layer, () => once(bytes));
  await opened.repository.pushBlob(EmptyDescriptor, () => once(encodeJson({})));
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    artifactType: type,
    config: EmptyDescriptor,
    layers: [layer],
    ...(subject === undefined ? {} : { subject }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return await opened.repository.pushManifest(encodeJson(manifest), {
    mediaType: MediaType.ImageManifest,
    tags: tag === undefined ? [] : [tag],
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
