// SPDX-License-Identifier: Apache-2.0
import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { makeFolders } from '@lading/linux';
import type { Owner } from './map-owner.ts';
import type { StoreOptions } from './types.ts';

/** A home of the overlay driver. */
export interface DriverHome {
  /** A folder for each layer. */
  readonly overlay: string;
  /** Links with short names to the layers' content. */
  readonly links: string;
  /** Where layers are unpacked before they are put in place, and thrown away after they were removed. */
  readonly overlayTemp: string;
  /** Where other tools unpack layers that they fetch in parts. */
  readonly staging: string;
}

/** What of a store is in a root of its own for images. */
interface ImageStore {
  readonly root: string;
  readonly home: DriverHome;
  /** Records of the layers there; their tar-split files and other data are with those of the graph root. */
  readonly layers: string;
  /** The images of the graph root, from before it had a store of images apart. */
  readonly graphImages: string;
}

/** Where things are in a store. All paths are absolute and free of symbolic links above the roots. */
export interface Paths extends DriverHome {
  readonly graphRoot: string;
  readonly runRoot: string;
  /** Layers of images, and images, are in another root than containers. */
  readonly imageStore: ImageStore | undefined;
  readonly storageLock: string;
  readonly layers: string;
  readonly layersTemp: string;
  readonly images: string;
  readonly containers: string;
  /** Where layers of stores that are only read are mounted. */
  readonly runOverlay: string;
  readonly runLayers: string;
  readonly runContainers: string;
  /** Folders of the records that need not outlive the machine, and of the lock of the containers: in a transient store those in the run root. */
  readonly volatileLayers: string;
  readonly volatileContainers: string;
  /** Locks of what is being fetched. */
  readonly locks: string;
  /** Stores of other roots that are only read. */
  readonly others: readonly Paths[];
  /** Other roots in which there was no store. */
  readonly absentOthers: readonly string[];
}

/** Makes the folders of a store that are missing, with the modes that all tools give them. */
export function makePaths({
  graphRoot,
  runRoot,
  imageStore,
  additionalImageStores: others = [],
  transientStore: isTransient = false,
}: Pick<
  StoreOptions,
  'graphRoot' | 'runRoot' | 'imageStore' | 'additionalImageStores' | 'transientStore'
>): Paths {
  for (const root of [graphRoot, runRoot, imageStore]) {
    if (root !== undefined) makeFolder(resolve(root), 0o700);
  }
  const run = realpathSync(runRoot);
  const own = pathsOf(realpathSync(graphRoot), run);
  const apart = imageStore === undefined ? undefined : imageStoreIn(realpathSync(imageStore), own);
  const ownRoots = [own.graphRoot, apart?.imageStore?.root];
  const found = others
    .map((root) => ({ root, paths: readOnlyPaths(root, run) }))
    // What is written as well need not be named twice.
    .filter(({ paths }) => paths === undefined || !ownRoots.includes(paths.graphRoot));
  const paths = {
    ...own,
    ...apart,
    ...(isTransient && { volatileLayers: own.runLayers, volatileContainers: own.runContainers }),
    others: found.map((other) => other.paths).filter((other) => other !== undefined),
    absentOthers: found.filter((other) => other.paths === undefined).map(({ root }) => root),
  };
  for (const home of driverHomes(paths)) {
    makeFolder(home.overlay, 0o755);
    makeFolder(home.links, 0o755);
  }
  const names = ['layers', 'images', 'containers', 'runLayers', 'runContainers'] as const;
  const folders = [
    ...names.map((name) => paths[name]),
    paths.imageStore?.layers,
    paths.imageStore?.graphImages,
  ];
  for (const folder of folders) if (folder !== undefined) makeFolder(folder, 0o700);
  return paths;
}

/** All homes that layers of this store are in: that of containers, and that of images when they are apart. */
export function driverHomes(paths: Paths): readonly DriverHome[] {
  return paths.imageStore === undefined ? [paths] : [paths, paths.imageStore.home];
}

/** The home that layers of images are in. */
export function imageHome(paths: Paths): DriverHome {
  return paths.imageStore?.home ?? paths;
}

function imageStoreIn(root: string, own: Paths): Pick<Paths, 'images' | 'imageStore'> {
  if (root === own.graphRoot) {
    throw new LadingError(
      Code.InvalidArgument,
      `the store of images and the graph root are both ${root}; leave the store of images out, or name another folder`,
    );
  }
  const { images, layers, overlay, links, overlayTemp, staging } = pathsOf(root, own.runRoot);
  const home = { overlay, links, overlayTemp, staging };
  return { images, imageStore: { root, home, layers, graphImages: own.images } };
}

function pathsOf(graph: string, run: string): Paths {
  return {
    graphRoot: graph,
    runRoot: run,
    imageStore: undefined,
    storageLock: join(graph, 'storage.lock'),
    overlay: join(graph, 'overlay'),
    links: join(graph, 'overlay/l'),
    overlayTemp: join(graph, 'overlay/tempdirs'),
    staging: join(graph, 'overlay/staging'),
    layers: join(graph, 'overlay-layers'),
    layersTemp: join(graph, 'overlay-layers/tmp'),
    images: join(graph, 'overlay-images'),
    containers: join(graph, 'overlay-containers'),
    runOverlay: join(run, 'overlay'),
    runLayers: join(run, 'overlay-layers'),
    runContainers: join(run, 'overlay-containers'),
    volatileLayers: join(graph, 'overlay-layers'),
    volatileContainers: join(graph, 'overlay-containers'),
    others: [],
    absentOthers: [],
    locks: join(run, 'overlay-locks'),
  };
}

/** A root without a store in it has no images, and is none for now. */
function readOnlyPaths(root: string, run: string): Paths | undefined {
  const graph = ifThere(() => realpathSync(root));
  if (graph === undefined) return undefined;
  const paths = pathsOf(graph, run);
  return existsSync(paths.layers) && existsSync(paths.images) ? paths : undefined;
}

/** Makes a folder and what is missing above it; one that is there keeps its mode. */
export function makeFolder(path: string, mode: number): void {
  if (makeFolders(path, mode)) chmodSync(path, mode);
}

/** Makes a new folder with this very mode, whatever the umask. Default: its owner is this process's. */
export function newFolder(path: string, mode: number, owner?: Owner): void {
  mkdirSync(path, { mode });
  if (owner !== undefined) giveTo(path, owner);
  chmodSync(path, mode);
}

/** Changes the owner of a folder, if it is another one. */
export function giveTo(path: string, { uid, gid }: Owner): void {
  const now = statSync(path);
  if (now.uid === uid && now.gid === gid) return;
  try {
    chownSync(path, uid, gid);
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.reason !== 'EPERM' && failure.reason !== 'EINVAL') throw failure;
    throw new LadingError(
      Code.PermissionDenied,
      `${path} cannot be given to ${uid}:${gid} (${failure.reason}); be root, or root of a user namespace that has these ids (podman unshare, or unshare --user --map-root-user --map-auto --mount)`,
      { reason: failure.reason, cause: error },
    );
  }
}

/** Runs something that may find nothing at its path; then it gives undefined. */
export function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const failure = LadingError.from(error);
    if (hasCode(failure, Code.NotFound)) return undefined;
    throw failure;
  }
}
