// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { ImageTransport, TransportContext } from './image-transport.ts';
import type { StorageReference } from './storage/storage-reference.ts';
import type { ImageStore } from './storage/store.ts';

const docker: ImageTransport = {
  name: 'docker',
  async openSource(rest, context) {
    const [{ parseDockerReference }, { createDockerSource }] = await Promise.all([
      import('./docker/reference.ts'),
      import('./docker/source.ts'),
    ]);
    return createDockerSource(parseDockerReference(rest), context);
  },
  async openDestination(rest, context) {
    const [{ parseDockerDestination }, { createDockerDestination }] = await Promise.all([
      import('./docker/reference.ts'),
      import('./docker/destination.ts'),
    ]);
    return createDockerDestination(parseDockerDestination(rest), context);
  },
  async deleteImage(rest, context, options) {
    const [{ parseDockerReference }, { deleteFromRegistry }] = await Promise.all([
      import('./docker/reference.ts'),
      import('./docker/delete.ts'),
    ]);
    await deleteFromRegistry(parseDockerReference(rest), context, options);
  },
};

const dockerDaemon: ImageTransport = {
  name: 'docker-daemon',
  async openSource(rest, context) {
    const [{ parseDaemonReference }, { createDaemonSource }] = await Promise.all([
      import('./docker-daemon/reference.ts'),
      import('./docker-daemon/source.ts'),
    ]);
    return createDaemonSource(parseDaemonReference(rest), context, context.tlsVerify !== false);
  },
  async openDestination(rest, context) {
    const [{ parseDaemonReference }, { createDaemonDestination }] = await Promise.all([
      import('./docker-daemon/reference.ts'),
      import('./docker-daemon/destination.ts'),
    ]);
    return createDaemonDestination(parseDaemonReference(rest), context, context.tlsVerify !== false);
  },
};

const containersStorage: ImageTransport = {
  name: 'containers-storage',
  async openSource(rest, context) {
    const [{ parseStorageReference }, { createStorageSource }] = await Promise.all([
      import('./storage/storage-reference.ts'),
      import('./storage/source.ts'),
    ]);
    const reference = parseStorageReference(rest);
    const { store, close } = await openStoreOf(reference, context);
    return closingToo(createStorageSource(store, reference), close);
  },
  async openDestination(rest, context) {
    const [{ parseStorageReference }, { createStorageDestination }] = await Promise.all([
      import('./storage/storage-reference.ts'),
      import('./storage/destination.ts'),
    ]);
    const reference = parseStorageReference(rest);
    const { name, id } = reference.image;
    if (id !== undefined && id.length < 64) {
      throw new LadingError(Code.InvalidArgument, `${reference.text}: write all of the ID`);
    }
    const { store, close } = await openStoreOf(reference, context);
    return closingToo(createStorageDestination(store, name, reference.text, id), close);
  },
  async deleteImage(rest, context, options) {
    const [{ parseStorageReference }, { deleteFromStore }] = await Promise.all([
      import('./storage/storage-reference.ts'),
      import('./storage/delete.ts'),
    ]);
    const reference = parseStorageReference(rest);
    const { store, close } = await openStoreOf(reference, context);
    try {
      await deleteFromStore(store, reference, options);
    } finally {
      await close();
    }
  },
};

/** Those that a program keeps images for. */
export const serviceTransports: readonly ImageTransport[] = [docker, dockerDaemon, containersStorage];

function closingToo<T extends { close(): Promise<void> }>(opened: T, close: () => Promise<void>): T {
  return {
    ...opened,
    async close() {
      await opened.close();
      await close();
    },
  };
}

async function openStoreOf(
  { graphRoot, runRoot, options }: StorageReference,
  context: TransportContext,
): Promise<{ store: ImageStore; close: () => Promise<void> }> {
  if (graphRoot === undefined && context.store !== undefined) {
    return { store: await context.store(), close: async () => {} };
  }
  const [{ loadStorage }, { openStore, storeOptions }] = await Promise.all([
    import('@lading/config'),
    import('@lading/storage'),
  ]);
  // A store that is named with both roots has nothing to do with the usual one.
  const isOther = graphRoot !== undefined && runRoot !== undefined;
  const env = { ...process.env, ...(options === undefined ? {} : { STORAGE_OPTS: options }) };
  const store = await openStore(
    isOther && options === undefined
      ? { graphRoot, runRoot }
      : storeOptions(await loadStorage(isOther ? { path: '/dev/null', env } : { env }), {
          graphRoot,
          runRoot,
        }),
  );
  return { store, close: () => store.close() };
}
