// SPDX-License-Identifier: Apache-2.0
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { DeviceCgroup, DeviceGrant } from '@lading/oci-spec';
import { isMissing } from '../state/atomic-file.ts';
import type { DeviceMapping, DeviceRule } from '../types/container-options.ts';

/** What the runtime or the spec's own mounts provide. */
const provided = new Set([
  'pts',
  'shm',
  'mqueue',
  'fd',
  'console',
  'ptmx',
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'tty',
  '.udev',
  '.lxc',
  '.lxd-mounts',
]);

/** Device nodes that were asked for. @throws NotFound, InvalidArgument for what is no device */
export async function deviceGrants(devices: readonly DeviceMapping[]): Promise<DeviceGrant[]> {
  return Promise.all(
    devices.map(async ({ hostPath, containerPath = hostPath, permissions = 'rwm' }) => {
      if (!/^[rwm]{1,3}$/.test(permissions)) {
        throw new LadingError(
          Code.InvalidArgument,
          `device permissions ${JSON.stringify(permissions)} must be of r, w and m`,
        );
      }
      const grant = await nodeOf(hostPath, containerPath);
      if (grant === undefined) throw new LadingError(Code.InvalidArgument, `${hostPath} is not a device`);
      return { ...grant, access: permissions };
    }),
  );
}

/** All device nodes below /dev, for a privileged container. */
export async function allDevices(folder: string = '/dev', top: boolean = true): Promise<DeviceGrant[]> {
  const grants: DeviceGrant[] = [];
  for (const name of await readdir(folder)) {
    if (top && provided.has(name)) continue;
    const path = join(folder, name);
    const info = await lstat(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw LadingError.from(error);
    });
    if (info === undefined) continue;
    if (info.isDirectory()) grants.push(...(await allDevices(path, false)));
    else if (info.isCharacterDevice() || info.isBlockDevice()) {
      const grant = await nodeOf(path, path);
      if (grant !== undefined) grants.push(grant);
    }
  }
  return grants;
}

async function nodeOf(hostPath: string, path: string): Promise<DeviceGrant | undefined> {
  const info = await stat(hostPath).catch((error: unknown) => {
    if (!isMissing(error)) throw LadingError.from(error);
    throw new LadingError(Code.NotFound, `the device ${hostPath} does not exist`, { cause: error });
  });
  if (!info.isCharacterDevice() && !info.isBlockDevice()) return undefined;
  return {
    path,
    type: info.isBlockDevice() ? 'b' : 'c',
    ...deviceNumbers(info.rdev),
    fileMode: info.mode & 0o7777,
    uid: info.uid,
    gid: info.gid,
  };
}

export function deviceNumbers(rdev: number): { major: number; minor: number } {
  const device = BigInt(rdev);
  // The layout of glibc's makedev.
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

/** Rules for the control group; the caller has them after those of the nodes. */
export function deviceRules(rules: readonly DeviceRule[]): DeviceCgroup[] {
  return rules.map(({ permissions, ...rest }) => ({ allow: true, ...rest, access: permissions }));
}
