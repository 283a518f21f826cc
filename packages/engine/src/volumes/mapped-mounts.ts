// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { isMountPoint, unmount } from '@lading/linux';
import type { Context } from '../core/context.ts';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import { mountIdMapped } from './id-mapped.ts';

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
  if (statSync(source).isDirectory()) mkdirSync(target);
  else writeFileSync(target, '');
  mountIdMapped(idMaps, { source, target, isWhole: true });
  return { ...mount, source: target };
}
