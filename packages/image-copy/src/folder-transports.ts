// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { ImageTransport, TransportContext } from './image-transport.ts';
import type { LayoutReference } from './oci/layout-path.ts';

// What a transport needs is loaded when it is named: a program starts faster.

const oci: ImageTransport = {
  name: 'oci',
  async openSource(rest, context) {
    const { createLayoutSource } = await import('./oci/source.ts');
    return createLayoutSource(await layoutReference(rest, context, 'oci'));
  },
  async openDestination(rest, context) {
    const { createLayoutDestination } = await import('./oci/destination.ts');
    return createLayoutDestination(await layoutReference(rest, context, 'oci'), context);
  },
  async deleteImage(rest, context, options) {
    const { deleteFromLayout } = await import('./oci/delete.ts');
    await deleteFromLayout(await layoutReference(rest, context, 'oci'), options);
  },
};

const ociArchive: ImageTransport = {
  name: 'oci-archive',
  async openSource(rest, context) {
    const [{ createLayoutSource }, { filesInArchive }] = await Promise.all([
      import('./oci/source.ts'),
      import('./oci-archive/files.ts'),
    ]);
    const reference = await layoutReference(rest, context, 'oci-archive');
    return createLayoutSource(reference, filesInArchive(reference.path));
  },
  async openDestination(rest, context) {
    const { createOciArchiveDestination } = await import('./oci-archive/destination.ts');
    return createOciArchiveDestination(await layoutReference(rest, context, 'oci-archive'), context);
  },
};

const dir: ImageTransport = {
  name: 'dir',
  async openSource(rest, context) {
    const { createDirSource } = await import('./dir/source.ts');
    return createDirSource(folderOf(rest, context), `dir:${rest}`);
  },
  async openDestination(rest, context) {
    const { createDirDestination } = await import('./dir/destination.ts');
    const destination = createDirDestination(folderOf(rest, context), `dir:${rest}`);
    return { ...destination, layerCompression: context.dirCompression };
  },
};

const dockerArchive: ImageTransport = {
  name: 'docker-archive',
  async openSource(rest, { cwd = process.cwd() }) {
    const [{ parseDockerArchiveReference }, { createDockerArchiveSource }] = await Promise.all([
      import('./docker-archive/reference.ts'),
      import('./docker-archive/source.ts'),
    ]);
    return createDockerArchiveSource(parseDockerArchiveReference(rest, cwd));
  },
  async openDestination(rest, { cwd = process.cwd(), additionalTags = [] }) {
    const [{ parseDockerArchiveReference }, { createDockerArchiveDestination }] = await Promise.all([
      import('./docker-archive/reference.ts'),
      import('./docker-archive/destination.ts'),
    ]);
    return createDockerArchiveDestination(parseDockerArchiveReference(rest, cwd), additionalTags);
  },
};

const tarball: ImageTransport = {
  name: 'tarball',
  async openSource(rest, { cwd = process.cwd(), stdin }) {
    const { createTarballSource } = await import('./tarball/source.ts');
    return createTarballSource(rest, cwd, stdin);
  },
  async deleteImage(rest, { cwd = process.cwd() }) {
    for (const file of rest.split(':')) await rm(resolve(cwd, file), { force: true });
  },
};

/** Those that keep images in files. */
export const folderTransports: readonly ImageTransport[] = [oci, ociArchive, dir, dockerArchive, tarball];

async function layoutReference(
  rest: string,
  { cwd = process.cwd(), sharedBlobs }: TransportContext,
  transport: 'oci' | 'oci-archive',
): Promise<LayoutReference> {
  const { parseLayoutReference } = await import('./oci/layout-path.ts');
  return parseLayoutReference(rest, cwd, {
    transport,
    sharedBlobs: transport === 'oci' ? sharedBlobs : undefined,
  });
}

function folderOf(rest: string, { cwd = process.cwd() }: TransportContext): string {
  if (rest === '') throw new LadingError(Code.InvalidArgument, 'dir: names no folder; write dir:PATH');
  return resolve(cwd, rest);
}
