// SPDX-License-Identifier: Apache-2.0

import {
  boolean,
  int53,
  list,
  map,
  object,
  oneOf,
  pattern,
  type Rule,
  string,
  strings,
  uint32,
} from '@lading/document';
import { type LinuxResources, linuxResources } from './linux-resources.ts';
import { type IdMapping, idMappings } from './mount.ts';
import { type Seccomp, seccomp } from './seccomp.ts';

/** Kinds of namespaces(7). */
export type LinuxNamespaceType = 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time';

const namespaceType: Rule<LinuxNamespaceType> = oneOf(
  'pid',
  'network',
  'mount',
  'ipc',
  'uts',
  'user',
  'cgroup',
  'time',
);

/** A namespace of its own, or an existing one to join. */
export interface LinuxNamespace {
  /** REQUIRED. Each type at most once. */
  readonly type: LinuxNamespaceType;
  /** OPTIONAL. Absolute path of the namespace to join; a new one is made without it. */
  readonly path?: string;
}

/** Character, block, unbuffered character, FIFO. */
export type LinuxDeviceType = 'c' | 'b' | 'u' | 'p';

const deviceType: Rule<LinuxDeviceType> = oneOf('c', 'b', 'u', 'p');

/** A device node that the container gets. */
export interface LinuxDevice {
  /** REQUIRED: path inside the container. */
  readonly path: string;
  /** REQUIRED: `c` or `u` character, `b` block, `p` FIFO. */
  readonly type: LinuxDeviceType;
  /** REQUIRED unless it is a FIFO. */
  readonly major?: number;
  /** REQUIRED unless it is a FIFO. */
  readonly minor?: number;
  /** OPTIONAL. Permissions, as a decimal number in JSON. */
  readonly fileMode?: number;
  /** OPTIONAL. Owner inside the container. */
  readonly uid?: number;
  /** OPTIONAL. Group inside the container. */
  readonly gid?: number;
}

/** A network device that moves into the container. */
export interface LinuxNetDevice {
  /** OPTIONAL. Its name inside; that outside when absent. */
  readonly name?: string;
}

/** Cache and memory bandwidth through resctrl. */
export interface IntelRdt {
  /** OPTIONAL. Name of the class of service; the container's id when absent. */
  readonly closID?: string;
  /** OPTIONAL. Lines of the file `schemata`. */
  readonly schemata?: readonly string[];
  /** OPTIONAL. Line of the L3 cache: cache id and bit mask. */
  readonly l3CacheSchema?: string;
  /** OPTIONAL. Line of the memory bandwidth, begins with `MB:`. */
  readonly memBwSchema?: string;
  /** OPTIONAL. A monitoring group of its own. */
  readonly enableMonitoring?: boolean;
}

/** How memory is spread over nodes. */
export type MemoryPolicyMode =
  | 'MPOL_DEFAULT'
  | 'MPOL_BIND'
  | 'MPOL_INTERLEAVE'
  | 'MPOL_WEIGHTED_INTERLEAVE'
  | 'MPOL_PREFERRED'
  | 'MPOL_PREFERRED_MANY'
  | 'MPOL_LOCAL';

const memoryPolicyMode: Rule<MemoryPolicyMode> = oneOf(
  'MPOL_DEFAULT',
  'MPOL_BIND',
  'MPOL_INTERLEAVE',
  'MPOL_WEIGHTED_INTERLEAVE',
  'MPOL_PREFERRED',
  'MPOL_PREFERRED_MANY',
  'MPOL_LOCAL',
);

/** Changes what a {@link MemoryPolicyMode} does. */
export type MemoryPolicyFlag = 'MPOL_F_NUMA_BALANCING' | 'MPOL_F_RELATIVE_NODES' | 'MPOL_F_STATIC_NODES';

const memoryPolicyFlag: Rule<MemoryPolicyFlag> = oneOf(
  'MPOL_F_NUMA_BALANCING',
  'MPOL_F_RELATIVE_NODES',
  'MPOL_F_STATIC_NODES',
);

/** set_mempolicy(2). */
export interface MemoryPolicy {
  /** REQUIRED. */
  readonly mode: MemoryPolicyMode;
  /** OPTIONAL. List of nodes: `0-3,7`. */
  readonly nodes?: string;
  /** OPTIONAL. None by default. */
  readonly flags?: readonly MemoryPolicyFlag[];
}

/** LINUX32 shows a 32-bit machine to uname(2). */
export type PersonalityDomain = 'LINUX' | 'LINUX32';

const personalityDomain: Rule<PersonalityDomain> = oneOf('LINUX', 'LINUX32');

/** personality(2). */
export interface Personality {
  /** REQUIRED. */
  readonly domain: PersonalityDomain;
  /** OPTIONAL. None are defined yet. */
  readonly flags?: readonly string[];
}

/** Offset of a clock in a time namespace. */
export interface TimeOffset {
  /** OPTIONAL. Seconds. */
  readonly secs?: number;
  /** OPTIONAL. Nanoseconds. */
  readonly nanosecs?: number;
}

/** See time_namespaces(7). */
export interface TimeOffsets {
  /** OPTIONAL. Of CLOCK_BOOTTIME. */
  readonly boottime?: TimeOffset;
  /** OPTIONAL. Of CLOCK_MONOTONIC. */
  readonly monotonic?: TimeOffset;
}

/** How mounts below the root propagate; the forms with `r` are of runc and crun, for all below. */
export type RootfsPropagation =
  | 'private'
  | 'shared'
  | 'slave'
  | 'unbindable'
  | 'rprivate'
  | 'rshared'
  | 'rslave'
  | 'runbindable';

const rootfsPropagation: Rule<RootfsPropagation> = oneOf(
  'private',
  'shared',
  'slave',
  'unbindable',
  'rprivate',
  'rshared',
  'rslave',
  'runbindable',
);

/**
 * The section of Linux.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-linux.md
 */
export interface Linux {
  /** OPTIONAL. Of the user namespace, as the next. */
  readonly uidMappings?: readonly IdMapping[];
  /** OPTIONAL. Groups of the user namespace. */
  readonly gidMappings?: readonly IdMapping[];
  /** OPTIONAL. By dotted name: `net.core.somaxconn`. */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** OPTIONAL. Limits through cgroups. */
  readonly resources?: LinuxResources;
  /** OPTIONAL. Path in the cgroup hierarchies, or `slice:prefix:name` for systemd. */
  readonly cgroupsPath?: string;
  /** OPTIONAL. A type that is absent is shared with the runtime. */
  readonly namespaces?: readonly LinuxNamespace[];
  /** OPTIONAL. Beyond the six that every container has (null, zero, full, random, urandom, tty). */
  readonly devices?: readonly LinuxDevice[];
  /** OPTIONAL. By name outside. */
  readonly netDevices?: Readonly<Record<string, LinuxNetDevice>>;
  /** OPTIONAL. Filter of system calls. Absent means none. */
  readonly seccomp?: Seccomp;
  /** OPTIONAL. Of the mount of the root. */
  readonly rootfsPropagation?: RootfsPropagation;
  /** OPTIONAL. Cannot be read inside. */
  readonly maskedPaths?: readonly string[];
  /** OPTIONAL. Cannot be written inside. */
  readonly readonlyPaths?: readonly string[];
  /** OPTIONAL. SELinux context of the mounts. */
  readonly mountLabel?: string;
  /** OPTIONAL. Cache and memory bandwidth. */
  readonly intelRdt?: IntelRdt;
  /** OPTIONAL. Memory nodes of the process. */
  readonly memoryPolicy?: MemoryPolicy;
  /** OPTIONAL. Execution domain of the process. */
  readonly personality?: Personality;
  /** OPTIONAL. Offsets of the clocks of a new time namespace. */
  readonly timeOffsets?: TimeOffsets;
}

const timeOffset = object<TimeOffset>({ secs: int53, nanosecs: uint32 });

export const linux: Rule<Linux> = object<Linux>({
  uidMappings: idMappings,
  gidMappings: idMappings,
  sysctl: map(string),
  resources: linuxResources,
  cgroupsPath: string,
  namespaces: list(object<LinuxNamespace>({ type: namespaceType, path: string }, ['type'])),
  devices: list(
    object<LinuxDevice>(
      {
        path: string,
        type: deviceType,
        major: int53,
        minor: int53,
        fileMode: uint32,
        uid: uint32,
        gid: uint32,
      },
      ['path', 'type'],
    ),
  ),
  netDevices: map(object<LinuxNetDevice>({ name: string })),
  seccomp,
  rootfsPropagation,
  maskedPaths: strings,
  readonlyPaths: strings,
  mountLabel: string,
  intelRdt: object<IntelRdt>({
    closID: string,
    schemata: strings,
    l3CacheSchema: string,
    memBwSchema: pattern('MB: and a schema on one line', /^MB:[^\n]*$/),
    enableMonitoring: boolean,
  }),
  memoryPolicy: object<MemoryPolicy>(
    { mode: memoryPolicyMode, nodes: string, flags: list(memoryPolicyFlag) },
    ['mode'],
  ),
  personality: object<Personality>({ domain: personalityDomain, flags: strings }, ['domain']),
  timeOffsets: object<TimeOffsets>({ boottime: timeOffset, monotonic: timeOffset }),
});
