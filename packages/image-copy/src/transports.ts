// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { RegistryContext } from './docker/context.ts';
import type { StorageReference } from './storage/storage-reference.ts';
import type { ImageStore } from './storage/store.ts';
import type { ImageDestination, ImageSource } from './types.ts';

/** What {@link openSource} and {@link openDestination} open images with. */
export interface TransportContext extends RegistryContext {
  /** Where relative paths start. Default: the folder of this process. */
  readonly cwd?: string | undefined;
  /** Opens the local store for a reference that names none. Default: the store of storage.conf. */
  readonly store?: (() => Promise<ImageStore>) | undefined;
}

/** A reference cut at its first colon. */
export interface TransportReference {
  readonly transport: Transport;
  readonly rest: string;
}

export type Transport = 'docker' | 'oci' | 'dir' | 'containers-storage';

/** The transports that images can be copied from and to. */
export const transports: readonly Transport[] = ['containers-storage', 'dir', 'docker', 'oci'];

/** Other tools know these; they are named so that the answer is not "unknown". */
const planned = new Set(['docker-archive', 'docker-daemon', 'oci-archive', 'ostree', 'sif', 'tarball']);

/** @throws InvalidArgument for a text without a transport; Unimplemented for one that is not here yet */
export function parseTransport(text: string): TransportReference {
  const colon = text.indexOf(':');
  const transport = colon < 0 ? '' : text.slice(0, colon);
  const known = transports.find((name) => name === transport);
  if (known !== undefined) return { transport: known, rest: text.slice(colon + 1) };
  const shown = JSON.stringify(text.slice(0, 200));
  if (planned.has(transport)) {
    throw new LadingError(
      Code.Unimplemented,
      `invalid image name ${shown}: the transport ${transport} is not supported`,
      {
        reason: 'UNSUPPORTED',
      },
    );
  }
  throw new LadingError(
    Code.InvalidArgument,
    colon < 0
      ? `invalid image name ${shown}: write TRANSPORT:DETAILS, as in docker://HOST/PATH`
      : `invalid image name ${shown}: unknown transport ${JSON.stringify(transport.slice(0, 40))}; there are ${transports.join(', ')}`,
    { reason: 'NAME_INVALID' },
  );
}

/** Opens an image to be read, by a text like `docker://quay.io/team/app:1` or `oci:folder:name`. */
export async function openSource(text: string, context: TransportContext = {}): Promise<ImageSource> {
  const { transport, rest } = parseTransport(text);
  switch (transport) {
    case 'docker': {
      const [{ parseDockerReference }, { createDockerSource }] = await Promise.all([
        import('./docker/reference.ts'),
        import('./docker/source.ts'),
      ]);
      return createDockerSource(parseDockerReference(rest), context);
    }
    case 'oci': {
      const { parseLayoutReference } = await import('./oci/layout-path.ts');
      const { createLayoutSource } = await import('./oci/source.ts');
      return createLayoutSource(parseLayoutReference(rest, context.cwd ?? process.cwd()));
    }
    case 'dir': {
      const { createDirSource } = await import('./dir/source.ts');
      return createDirSource(folderOf(rest, context), text);
    }
    case 'containers-storage': {
      const { parseStorageReference } = await import('./storage/storage-reference.ts');
      const { createStorageSource } = await import('./storage/source.ts');
      const reference = parseStorageReference(rest);
      const { store, close } = await openStoreOf(reference, context);
      const source = createStorageSource(store, reference);
      return {
        ...source,
        async close() {
          await source.close();
          await close();
        },
      };
    }
  }
}

/** Opens a place for an image to be written to. Nothing is made before the first blob. */
export async function openDestination(
  text: string,
  context: TransportContext = {},
): Promise<ImageDestination> {
  const { transport, rest } = parseTransport(text);
  switch (transport) {
    case 'docker': {
      const [{ parseDockerReference }, { createDockerDestination }] = await Promise.all([
        import('./docker/reference.ts'),
        import('./docker/destination.ts'),
      ]);
      return createDockerDestination(parseDockerReference(rest), context);
    }
    case 'oci': {
      const { parseLayoutReference } = await import('./oci/layout-path.ts');
      const { createLayoutDestination } = await import('./oci/destination.ts');
      return createLayoutDestination(parseLayoutReference(rest, context.cwd ?? process.cwd()));
    }
    case 'dir': {
      const { createDirDestination } = await import('./dir/destination.ts');
      return createDirDestination(folderOf(rest, context), text);
    }
    case 'containers-storage': {
      const { parseStorageReference } = await import('./storage/storage-reference.ts');
      const { createStorageDestination } = await import('./storage/destination.ts');
      const reference = parseStorageReference(rest);
      if ('id' in reference.image) {
        throw new LadingError(Code.InvalidArgument, `${reference.text}: an image is written under a name`);
      }
      const { store, close } = await openStoreOf(reference, context);
      const destination = createStorageDestination(store, reference.image.name, reference.text);
      return {
        ...destination,
        async close() {
          await destination.close();
          await close();
        },
      };
    }
  }
}

function folderOf(rest: string, { cwd }: TransportContext): string {
  if (rest === '') throw new LadingError(Code.InvalidArgument, 'dir: names no folder; write dir:PATH');
  return resolve(cwd ?? process.cwd(), rest);
}

async function openStoreOf(
  { graphRoot, runRoot }: StorageReference,
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
  const store = await openStore(
    graphRoot !== undefined && runRoot !== undefined
      ? { graphRoot, runRoot }
      : storeOptions(await loadStorage(), { graphRoot, runRoot }),
  );
  return { store, close: () => store.close() };
}
