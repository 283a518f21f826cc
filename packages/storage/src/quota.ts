// SPDX-License-Identifier: Apache-2.0
import { readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { folderProject, limitProject, makeNode, setFolderProject } from '@lading/linux';
import type { Paths } from './paths.ts';
import type { StorageQuota } from './types.ts';

const withProjects: Readonly<Record<number, string>> = { 1481003842: 'xfs', 61267: 'ext4' };

export function hasLimits({ sizeBytes = 0, inodes = 0 }: StorageQuota): boolean {
  return sizeBytes > 0 || inodes > 0;
}

/** @throws LadingError `failed_precondition` with reason `NO_PROJECT_QUOTA` where nothing can be limited */
export function checkQuotas(paths: Paths): void {
  const { type } = statfsSync(paths.overlay);
  if (withProjects[type] === undefined) {
    throw noQuotas(paths, `its file system (type 0x${type.toString(16)}) is neither xfs nor ext4`);
  }
  limit(paths, firstProject(paths.overlay), {});
}

/**
 * Limits what can be written in the folder of a layer, which must be empty: by a project of its own, as other tools do
 * it. The caller holds the layers, so that nobody takes the same project.
 */
export function limitFolder(paths: Paths, folder: string, quota: StorageQuota): void {
  checkQuotas(paths);
  const id = nextProject(paths);
  setFolderProject(folder, { id, isInherited: true });
  limit(paths, id, quota);
}

/** The project of the home, or a number that no other home is likely to begin at. */
function firstProject(home: string): number {
  const { id } = folderProject(home);
  if (id !== 0) return id;
  const most = 2 ** 32 - 1 - idsOfHome;
  return idsOfHome + Number((BigInt(statSync(home).ino) * BigInt(idsOfHome)) % BigInt(most));
}

const idsOfHome = 10_000;

function nextProject({ overlay }: Paths): number {
  const first = firstProject(overlay);
  // What is made in the home itself is of no project: each folder gets one of its own.
  const home = folderProject(overlay);
  if (home.isInherited) setFolderProject(overlay, { ...home, isInherited: false });
  const folders = readdirSync(overlay, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const taken = folders.map(({ name }) => folderProject(join(overlay, name)).id);
  return Math.max(first, ...taken) + 1;
}

function limit(paths: Paths, id: number, quota: StorageQuota): void {
  try {
    limitProject(deviceOf(paths.overlay), id, quota);
  } catch (error) {
    const failure = LadingError.from(error);
    if (!['ENOSYS', 'ESRCH', 'EINVAL', 'ENOTTY', 'EOPNOTSUPP'].includes(failure.reason ?? '')) throw failure;
    throw noQuotas(paths, `it is mounted without quotas of projects (${failure.message})`);
  }
}

/** Makes the node of the device that a folder is on, in the folder, where all tools have it. */
function deviceOf(home: string): string {
  const { dev } = statSync(home, { bigint: true });
  const path = join(home, 'backingFsBlockDev');
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  // As glibc takes the two numbers apart.
  const major = Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n));
  const minor = Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n));
  makeNode(temporary, { type: 'block', mode: 0o600, major, minor });
  renameSync(temporary, path);
  return path;
}

function noQuotas({ overlay }: Paths, why: string): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `the size of containers cannot be limited in ${overlay}: ${why}; use xfs or ext4 and the mount option prjquota, or leave overlay.size and overlay.inodes out`,
    { reason: 'NO_PROJECT_QUOTA' },
  );
}
