// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { canMapLowers } from './can-map-lowers.ts';
import { createContainers } from './containers.ts';
import type { StoreContext } from './context.ts';
import { imageFolders } from './image-folder.ts';
import { createImages } from './images.ts';
import { openLayerLedger } from './layer-ledger.ts';
import { createLayers } from './layers.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { openMountpoints } from './mountpoints.ts';
import { releaseHome } from './mounts.ts';
import { overlayXattrsOf } from './overlay-xattrs.ts';
import { ifThere, makePaths, type Paths } from './paths.ts';
import { checkQuotas, hasLimits } from './quota.ts';
import { containerFormat, imageFormat } from './record-json.ts';
import type { ImageRecord } from './records.ts';
import { checkSignal } from './turn.ts';
import type { Store, StoreOptions } from './types.ts';

/**
 * Opens the store of two roots, and makes what is missing of it. Nothing is read or locked before it is needed.
 *
 * @throws LadingError `failed_precondition` for a store that a FUSE program mounts; `permission_denied`
 *
 * @example
 * ```ts
 * import { openStore } from '@lading/storage';
 *
 * await using store = await openStore({ graphRoot: '/var/lib/containers/storage', runRoot: '/run/containers/storage' });
 * for (const image of await store.images.list()) console.log(image.id, image.names);
 * ```
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  checkSignal(options.signal);
  let paths: Paths;
  try {
    paths = makePaths(options);
    checkMountProgram(paths);
    if (hasLimits(options.quota ?? {})) checkQuotas(paths);
  } catch (error) {
    throw LadingError.from(error);
  }
  const { user, minSize, maxSize, subUidPath, subGidPath } = options.autoIds ?? {};
  let mapsLowers: Promise<boolean> | undefined;
  const context: StoreContext = {
    paths,
    mountOptions: options.mountOptions ?? [],
    overlayXattrs: overlayXattrsOf(options.mountOptions ?? []),
    volatileMounts: options.volatileMounts ?? true,
    transientStore: options.transientStore ?? false,
    volatileRecords: options.volatileRecords ?? false,
    homeMount: options.homeMount ?? true,
    partialImages: options.partialImages ?? true,
    autoIds: {
      user: user ?? 'containers',
      minSize: minSize ?? 1024,
      maxSize: maxSize ?? 65_536,
      subUidPath: subUidPath ?? '/etc/subuid',
      subGidPath: subGidPath ?? '/etc/subgid',
    },
    mapsLowers: async () => {
      mapsLowers ??= options.idMappedMounts === false ? Promise.resolve(false) : canMapLowers(paths);
      return mapsLowers;
    },
    sync: options.sync ?? 'none',
    ignoreChownErrors: options.ignoreChownErrors ?? false,
    quota: options.quota ?? {},
    mounts: { touched: false },
    layers: openLayerLedger(paths),
    images: openImageLedger(paths),
    readOnlyStores: paths.others.map((other) => ({
      paths: other,
      layers: openLayerLedger(other),
      images: openImageLedger(other),
    })),
    containers: openLedger({
      lockPaths: [join(paths.volatileContainers, 'containers.lock')],
      files: [
        { path: join(paths.containers, 'containers.json') },
        {
          name: 'volatile',
          path: join(paths.volatileContainers, 'volatile-containers.json'),
          durable: false,
        },
      ],
      format: containerFormat,
    }),
    mountpoints: openMountpoints(paths),
  };
  const close = (): Promise<void> => releaseHome(context);
  const store: Store = {
    graphRoot: paths.graphRoot,
    runRoot: paths.runRoot,
    imageStore: paths.imageStore?.root,
    layers: createLayers(context),
    images: createImages(context),
    containers: createContainers(context),
    async *check(checkOptions = {}) {
      // Loaded here: few programs look for faults.
      const { checkStore } = await import('./check/check-store.ts');
      yield* checkStore(context, checkOptions);
    },
    async repair(repairOptions = {}) {
      const { repairStore } = await import('./check/repair-store.ts');
      return repairStore(context, store, repairOptions);
    },
    async collectGarbage(callOptions = {}) {
      const { collectGarbage } = await import('./check/collect-garbage.ts');
      return collectGarbage(context, callOptions);
    },
    async prune(pruneOptions = {}) {
      const { pruneImages } = await import('./check/prune-images.ts');
      return pruneImages(store, pruneOptions);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return store;
}

function openImageLedger(paths: Paths): Ledger<ImageRecord> {
  return openLedger({
    lockPaths: imageFolders(paths).map((folder) => join(folder, 'images.lock')),
    files: imageFolders(paths).map((folder) => ({ path: join(folder, 'images.json') })),
    format: imageFormat,
  });
}

/**
 * The file says for good how layers are mounted. Without it the first tool decides by what it finds in the layers, and
 * would take names that begin with `.wh.` for a sign of FUSE.
 */
function checkMountProgram(paths: Paths): void {
  const path = join(paths.overlay, '.has-mount-program');
  const text = ifThere(() => readFileSync(path, 'utf8'))?.trim();
  if (text === undefined) writeFileSync(path, 'false', { mode: 0o600 });
  if (text !== 'true') return;
  throw new LadingError(
    Code.FailedPrecondition,
    `${paths.graphRoot} is mounted by a program (mount_program in storage.conf); use another root`,
  );
}
