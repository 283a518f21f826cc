// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { idMappedMount, isMountPoint, openUserNamespace, unmount } from '@lading/linux';
import type { Context } from '../core/context.ts';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';

/** A container whose mounts with ids are shown so, for as long as the runtime makes it, which then has them by itself. */
export interface MappedMounts extends Disposable {
  readonly record: ContainerRecord;
}

/** Apart from what is removed with all that is in it: these are folders of the host. */
function mappedFolder(context: Context, id: string): string {
  return join(context.runDir, 'mapped', id);
}

/** @throws LadingError `failed_precondition` with reason `ID_MAPPED_MOUNT` where kernel or file system cannot */
export function mapMounts(context: Context, record: ContainerRecord): MappedMounts {
  const { mounts = [] } = record.options;
  const folder = mappedFolder(context, record.id);
  const dispose = (): void => releaseMapped(context, record.id);
  try {
    dispose(); // what an earlier process left as it was killed
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const mapped = mounts.map((mount, index) => mappedMount(mount, join(folder, String(index))));
    return {
      record: { ...record, options: { ...record.options, mounts: mapped } },
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw LadingError.from(error);
  }
}

/** Idempotent. */
export function releaseMapped(context: Context, id: string): void {
  const folder = mappedFolder(context, id);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const target = join(folder, name);
    if (isMountPoint(target)) unmount(target, { lazy: true });
    // Neither of the two removes what is in a folder, should one be mounted still.
    if (statSync(target).isDirectory()) rmdirSync(target);
    else unlinkSync(target);
  }
  rmdirSync(folder);
}

function mappedMount(mount: ContainerMount, target: string): ContainerMount {
  if (mount.type !== 'bind' || mount.idMaps === undefined) return mount;
  const { idMaps, source } = mount;
  try {
    if (statSync(source).isDirectory()) mkdirSync(target);
    else writeFileSync(target, '');
    using userNamespace = openUserNamespace(idMaps);
    idMappedMount({ source, target, userNamespace, isWhole: true });
  } catch (error) {
    const failure = LadingError.from(error);
    if (!['EINVAL', 'ENOSYS', 'EPERM'].includes(failure.reason ?? '')) throw failure;
    throw new LadingError(
      Code.FailedPrecondition,
      `cannot mount ${JSON.stringify(source)} with the ids of the container (${failure.message}): it needs Linux 5.12 or newer, 6.3 for tmpfs, and a file system that has id-mapped mounts`,
      { reason: 'ID_MAPPED_MOUNT', cause: error },
    );
  }
  return { ...mount, source: target };
}
