// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from 'node:fs';
import { LadingError } from '@lading/errors';
import { call, cString, shown } from './libc.ts';

/** The project of a folder, by which xfs and ext4 count what is in it. */
export interface FolderProject {
  /** 0 for none. */
  readonly id: number;
  /** Whether what is made in the folder is of the same project. */
  readonly isInherited: boolean;
}

/** Limits of a project; each left out means none. */
export interface ProjectLimits {
  readonly sizeBytes?: number | undefined;
  readonly inodes?: number | undefined;
}

// struct fsxattr, and the two ioctls that read and write it.
const attributesLength = 28;
const projectOffset = 12;
const inheritFlag = 0x200; // FS_XFLAG_PROJINHERIT
const readAttributes = 0x801c581f; // FS_IOC_FSGETXATTR
const writeAttributes = 0x401c5820; // FS_IOC_FSSETXATTR
const setProjectLimits = 0x580402 | 0; // QCMD(Q_XSETQLIM, PRJQUOTA)

/** @throws LadingError with reason ENOTTY or EOPNOTSUPP on a file system that has no projects */
export function folderProject(path: string): FolderProject {
  return withFolder(path, (fd) => {
    const attributes = attributesOf(fd, path);
    return {
      id: attributes.readUInt32LE(projectOffset),
      isInherited: (attributes.readUInt32LE(0) & inheritFlag) !== 0,
    };
  });
}

/** Gives a folder to a project. What is in it already stays where it was. */
export function setFolderProject(path: string, { id, isInherited }: FolderProject): void {
  withFolder(path, (fd) => {
    const attributes = attributesOf(fd, path);
    const flags = attributes.readUInt32LE(0) & ~inheritFlag;
    attributes.writeUInt32LE((flags | (isInherited ? inheritFlag : 0)) >>> 0, 0);
    attributes.writeUInt32LE(id, projectOffset);
    call(shown(path), 'ioctl', fd, writeAttributes, attributes);
  });
}

/**
 * Limits a project: quotactl(2) in the form of xfs, which ext4 knows too.
 *
 * @param device node of the block device that the file system is on
 * @throws LadingError with reason ENOSYS or ESRCH where the kernel or the mount has no quotas of projects
 */
export function limitProject(device: string, id: number, limits: ProjectLimits): void {
  call(
    `for project ${id} on ${shown(device)}`,
    'quotactl',
    setProjectLimits,
    cString(device),
    id | 0,
    diskQuota(id, limits),
  );
}

/** struct fs_disk_quota with hard and soft limits that are the same. */
export function diskQuota(id: number, { sizeBytes = 0, inodes = 0 }: ProjectLimits): Buffer {
  const quota = Buffer.alloc(112);
  quota.writeInt8(1, 0); // FS_DQUOT_VERSION
  quota.writeInt8(2, 1); // FS_PROJ_QUOTA
  quota.writeUInt16LE((sizeBytes > 0 ? 0b1100 : 0) | (inodes > 0 ? 0b11 : 0), 2);
  quota.writeUInt32LE(id, 4);
  const blocks = BigInt(Math.floor(sizeBytes / 512));
  for (const offset of [8, 16]) quota.writeBigUInt64LE(blocks, offset);
  for (const offset of [24, 32]) quota.writeBigUInt64LE(BigInt(inodes), offset);
  return quota;
}

function attributesOf(fd: number, path: string): Buffer {
  const attributes = Buffer.alloc(attributesLength);
  call(shown(path), 'ioctl', fd, readAttributes, attributes);
  return attributes;
}

function withFolder<T>(path: string, work: (fd: number) => T): T {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw LadingError.from(error);
  }
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
