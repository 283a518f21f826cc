// SPDX-License-Identifier: Apache-2.0
import { chownSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { mount, readMounts, unmount } from '@lading/linux';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { holdLock } from './hold-lock.ts';
import { hasMaps, hostRootOf, type IdMaps } from './id-maps.ts';
import { shortId } from './ids.ts';
import { contentFolders, driverHome, homeOf, layerFolder, lowerIds } from './layer-folder.ts';
import type { OpenLedger } from './ledger.ts';
import { explained, mapLowers } from './map-lowers.ts';
import { isAnyBelow, mountedPaths, unmountBelow } from './mounted.ts';
import { type Mountpoint, otherMountpoints } from './mountpoints.ts';
import { labelOptions, mountOverlay, mountVolatileOverlay } from './overlay-mount.ts';
import { makeFolder, type Paths } from './paths.ts';
import { findReadOnlyLayer } from './read-only-stores.ts';
import type { LayerRecord } from './records.ts';
import { sweepStaging } from './staging.ts';

export interface MountLayerOptions {
  readonly isReadOnly?: boolean;
  /** Writes need not reach the disk. */
  readonly isVolatile?: boolean;
  /** SELinux label of all files. */
  readonly label?: string | undefined;
  /** Words for this mount, in place of the store's. */
  readonly mountOptions?: readonly string[] | undefined;
  /** Ids of the container. Default: those on the disk. */
  readonly idMaps?: IdMaps | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Mounts a layer, or counts once more when it is mounted. The count of a mount that is gone
 * begins anew.
 */
export async function mountLayer(
  context: StoreContext,
  id: string,
  options: MountLayerOptions,
): Promise<string> {
  const { paths, layers, mountpoints } = context;
  const { signal } = options;
  // What is only read has no folder to mount on.
  const isOwn = homeOf(paths, id) === paths;
  const isForContainers = isOwn && driverHome(paths, id) === paths;
  const target = join(isForContainers ? paths.overlay : paths.runOverlay, id, 'merged');
  if (!isForContainers && options.isReadOnly !== true) {
    throw new LadingError(Code.FailedPrecondition, `layer ${shortId(id)} is in a store that is only read`);
  }
  return holdLock(paths.storageLock, { mode: 'exclusive', signal }, () =>
    layers.writing(signal, async (open) => {
      const layer = known(
        open.get(id) ?? (isOwn ? undefined : await findReadOnlyLayer(context, id, signal)),
        id,
        'layer',
      );
      return mountpoints.writing(signal, async (points) => {
        context.mounts.touched = true;
        const mounted = mountedPaths();
        if (context.homeMount && !mounted.has(paths.overlay)) bindHome(paths.overlay);
        const isMounted = mounted.has(target);
        // Other tools remove it as they unmount.
        if (!isMounted) makeFolder(target, 0o700);
        if (!isMounted) mountNow(context, layer, target, options);
        const count = isMounted ? Math.max(points.get(id)?.count ?? 0, 0) + 1 : 1;
        try {
          await points.save([...otherMountpoints(points, id), { id, path: target, count }]);
        } catch (error) {
          // Without an entry the mount would be another tool's to take away.
          if (!isMounted) unmount(target, { lazy: true });
          throw error;
        }
        return target;
      });
    }),
  );
}

/** Whether something is mounted in a layer's folder, or it is where layers are mounted that are only read. */
export function isLayerMounted(paths: Paths, id: string, mounted: ReadonlySet<string>): boolean {
  return [layerFolder(paths, id), join(paths.runOverlay, id)].some((folder) => isAnyBelow(mounted, folder));
}

/** Where a layer is mounted; undefined where it is not. A count of what is not mounted is what a crash has left. */
export async function mountpointOf(
  { mountpoints }: StoreContext,
  id: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const path = (await mountpoints.read(signal)).get(id)?.path;
  return path !== undefined && mountedPaths().has(path) ? path : undefined;
}

/** Undoes one mount of a layer, or all of them; nothing when it is not mounted. */
export async function unmountLayer(
  context: StoreContext,
  id: string,
  options: { readonly force: boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  await context.layers.writing(options.signal, () =>
    context.mountpoints.writing(options.signal, async (points) => {
      const entry = points.get(id);
      // A count of what is not mounted is what a crash or a reboot has left.
      const isMounted = entry !== undefined && mountedPaths().has(entry.path);
      if (isMounted && entry.count > 1 && !options.force) {
        await points.save([...otherMountpoints(points, id), { ...entry, count: entry.count - 1 }]);
      } else {
        await unmountNow(context, points, id);
      }
    }),
  );
}

/** Unmounts a layer for good, with all that is mounted below its folder. The caller holds the locks. */
export async function unmountNow(
  context: StoreContext,
  points: OpenLedger<Mountpoint>,
  id: string,
): Promise<void> {
  context.mounts.touched = true;
  unmountBelow(layerFolder(context.paths, id));
  const { others, imageStore, runOverlay } = context.paths;
  if (others.length > 0 || imageStore !== undefined) unmountBelow(join(runOverlay, id));
  if (points.get(id) !== undefined) await points.save(otherMountpoints(points, id));
}

/**
 * Takes the mount of the driver's home away when nothing is mounted in it, as every tool does when it ends; the stamp
 * tells those that run to make it again.
 */
export async function releaseHome(context: StoreContext): Promise<void> {
  const { paths, layers, mounts } = context;
  if (!mounts.touched) return;
  const signal = undefined;
  await holdLock(paths.storageLock, { mode: 'exclusive', signal }, (storage) =>
    layers.writing(signal, async () => {
      mounts.touched = false;
      // Where a layer is fetched in parts, it is moved into place within this mount.
      if (await sweepStaging(paths)) return;
      const targets = readMounts().map(({ target }) => target);
      if (isAnyBelow(targets, paths.overlay)) return;
      const homes = targets.filter((target) => target === paths.overlay);
      if (homes.length > 0) storage.stamp();
      for (const home of homes) unmount(home, { lazy: true });
    }),
  );
}

/** Mounts the home on itself, private: what is mounted in it then is not copied into other mount namespaces. */
function bindHome(home: string): void {
  try {
    mount({ source: home, target: home, flags: ['bind'] });
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.reason !== 'EPERM') throw failure;
    throw new LadingError(
      Code.PermissionDenied,
      `${home} cannot be mounted on (EPERM); be root, or in a user namespace with a mount namespace of its own (unshare --user --map-root-user --mount)`,
      { reason: 'EPERM', cause: error },
    );
  }
  mount({ target: home, flags: ['private'] });
}

function mountNow(
  context: StoreContext,
  layer: LayerRecord,
  target: string,
  options: MountLayerOptions,
): void {
  const { paths } = context;
  const { id } = layer;
  const { isReadOnly = false, isVolatile = false, label, idMaps } = options;
  const folder = layerFolder(homeOf(paths, id), id);
  const parents = lowerIds(paths, id);
  const lowers = [
    ...contentFolders(paths, id).slice(1),
    ...parents.flatMap((parent) => contentFolders(paths, parent)),
  ];
  if (lowers.length === 0) lowers.push(join(folder, 'empty'));
  const asked = options.mountOptions ?? context.mountOptions;
  const words = [
    ...asked,
    ...(context.overlayXattrs === 'user' && !asked.includes('userxattr') ? ['userxattr'] : []),
    ...labelOptions(label, label ? readFileSync('/proc/filesystems', 'utf8') : ''),
  ];
  // The kernel refuses a work folder of a volatile mount that was not unmounted in this boot.
  const marker = join(folder, 'work/work/incompat/volatile');
  if (!isReadOnly && existsSync(marker)) rmSync(marker, { recursive: true });
  if (idMaps !== undefined && hasMaps(idMaps)) {
    // Overlay takes the owner of the root folder from here.
    chownSync(join(folder, 'diff'), hostRootOf(idMaps.uidMap) ?? 0, hostRootOf(idMaps.gidMap) ?? 0);
    // The files of a layer that has maps of its own, and of those below it, have the owners already.
    if (!hasMaps(layer)) {
      using mapped = mapLowers(folder, lowers, idMaps);
      try {
        mountOn(mapped.paths);
      } catch (error) {
        throw explained(error);
      }
      return;
    }
  }
  mountOn(lowers);

  function mountOn(below: readonly string[]): void {
    const request = { folder, lowers: below, target, options: words, isReadOnly };
    if (isVolatile && !isReadOnly) mountVolatileOverlay(request);
    else mountOverlay(request);
  }
}
