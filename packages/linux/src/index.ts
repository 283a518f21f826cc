// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { CgroupPaths, CgroupStats } from './cgroup.ts';
export {
  cgroupPathsOf,
  cgroupVersion,
  makeCgroup,
  moveToCgroup,
  readCgroupStats,
  removeCgroup,
} from './cgroup.ts';
export { makeLimitedCgroup, removeLimitedCgroup } from './cgroup-limits.ts';
export type { CgroupPressure, CgroupPressureLine } from './cgroup-pressure.ts';
export type { CgroupLimits } from './cgroup-settings.ts';
export { removeCgroupTree } from './cgroup-tree.ts';
export type { CgroupDeviceUsage, CgroupHugePages, CgroupPlace, CgroupUsage } from './cgroup-usage.ts';
export { listCgroupProcesses, readCgroupUsage } from './cgroup-usage.ts';
export { sendDatagram } from './datagram.ts';
export type { DescriptorStream } from './descriptor-stream.ts';
export { openDescriptorStream } from './descriptor-stream.ts';
export { exitAtOnce } from './exit-at-once.ts';
export type { IdMappedMountRequest } from './id-mapped-mount.ts';
export { idMappedMount } from './id-mapped-mount.ts';
export { isFrozen } from './is-frozen.ts';
export { keepLineEnds } from './keep-line-ends.ts';
export type { FileLock, LockOptions } from './lock-file.ts';
export { lockFile } from './lock-file.ts';
export { makeFolders } from './make-folders.ts';
export type { MountFlag, MountRequest, UnmountOptions } from './mount.ts';
export { mount, unmount } from './mount.ts';
export type { DetachedMount, MountAttribute, MountByPartsRequest } from './mount-by-parts.ts';
export { mountByParts, mountDetached } from './mount-by-parts.ts';
export type { MountEntry } from './mountinfo.ts';
export { isMountPoint, readMounts } from './mountinfo.ts';
export type { PinnableNamespace, PinOptions } from './namespaces.ts';
export {
  bringUpLoopback,
  inNetworkNamespace,
  pinNamespaces,
  pinNetworkNamespace,
  pinNetworkNamespaceOf,
  unpinNamespace,
} from './namespaces.ts';
export type { NetworkInterface, NetworkInterfaces, VethRequest } from './netlink/interfaces.ts';
export { openInterfaces } from './netlink/interfaces.ts';
export type { NetworkUsage } from './network-usage.ts';
export { readNetworkUsage } from './network-usage.ts';
export type { FileTimes, NodeRequest } from './nodes.ts';
export { makeNode, setTimes } from './nodes.ts';
export type { Pipe } from './pipe.ts';
export { makePipe, readPipe, writePipe } from './pipe.ts';
export type { ProcessCapabilities, ResourceLimit } from './privileges.ts';
export { processCapabilities, processRlimits } from './privileges.ts';
export { processStartTicks } from './process-start-ticks.ts';
export { programFolders, programPath } from './program-path.ts';
export type { FolderProject, ProjectLimits } from './project-quota.ts';
export { folderProject, limitProject, setFolderProject } from './project-quota.ts';
export type { PseudoTerminal } from './pseudo-terminal.ts';
export { openPseudoTerminal } from './pseudo-terminal.ts';
export { randomBytes } from './random-bytes.ts';
export type { Resolver } from './resolve-inside.ts';
export { resolverIn } from './resolve-inside.ts';
export type { ProgramResult, RunProgramOptions } from './run-program.ts';
export { runProgram } from './run-program.ts';
export type { SeqpacketConnection } from './seqpacket.ts';
export { connectSeqpacket } from './seqpacket.ts';
export type { ProgramEnd, SpawnedProgram, SpawnOptions } from './spawn-program.ts';
export { spawnProgram } from './spawn-program.ts';
export { syncDirectory } from './sync-directory.ts';
export { syncFilesystem } from './sync-filesystem.ts';
export { tcpSocketIn } from './tcp-socket.ts';
export type { ThreadRoot } from './thread-root.ts';
export { openThreadRoot } from './thread-root.ts';
export type { IdRange, UserNamespace, UserNamespaceMaps } from './user-namespace.ts';
export { openUserNamespace } from './user-namespace.ts';
export { openWalkedRoot } from './walked-root.ts';
export { writeSmallFile } from './write-small-file.ts';
export { getXattr, listXattrs, removeXattr, setXattr } from './xattr.ts';
