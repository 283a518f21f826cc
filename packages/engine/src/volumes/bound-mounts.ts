// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { resolveUser } from '../rootfs/user.ts';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import { changeOwner } from './change-owner.ts';
import { copyUp } from './copy-up.ts';
import { onHost } from './host-ids.ts';
import { volumeOf } from './volume-of.ts';

/** The container with folders of the host in place of volumes, filled and owned as they should be. */
export async function boundRecord(
  context: Context,
  record: ContainerRecord,
  rootfs: string,
): Promise<ContainerRecord> {
  const { mounts = [] } = record.options;
  const bound: ContainerMount[] = [];
  for (const mount of mounts) {
    const plain = mount.type === 'volume' ? await bindVolume(mount) : mount;
    if (plain.type !== 'bind') {
      bound.push(plain);
      continue;
    }
    if (plain.changeOwner) {
      const user = await resolveUser(rootfs, record.process.user, []);
      const { uid, gid } = onHost(user, record.idMaps);
      await changeOwner(plain.source, uid, gid);
    }
    if (!plain.overlay) bound.push(plain);
    else bound.push({ ...plain, overlay: await freshOverlay(bound.length) });
  }
  return { ...record, options: { ...record.options, mounts: bound } };

  async function bindVolume(mount: Extract<ContainerMount, { type: 'volume' }>): Promise<ContainerMount> {
    const volume = await volumeOf(context, record, mount);
    if (volume.mount !== undefined) await (await import('./mounted-volume.ts')).mountVolume(context, volume);
    if (!mount.noCopy) await copyUp(rootfs, mount.target, volume.mountpoint);
    const { type: _type, name: _name, noCopy: _noCopy, ...rest } = mount;
    return { ...rest, type: 'bind', source: volume.mountpoint };
  }

  /** What was written in an earlier run is gone, as with podman. */
  async function freshOverlay(index: number): Promise<{ upper: string; work: string }> {
    const folder = join(record.bundle, 'overlays', String(index));
    await rm(folder, { recursive: true, force: true });
    const paths = { upper: join(folder, 'upper'), work: join(folder, 'work') };
    await mkdir(paths.upper, { recursive: true });
    await mkdir(paths.work, { recursive: true });
    return paths;
  }
}
