// SPDX-License-Identifier: Apache-2.0
import {
  boolean,
  int53,
  int64,
  list,
  map,
  object,
  pattern,
  type Rule,
  string,
  uint16,
  uint32,
  uint53,
  uint64,
} from '@lading/document';

/** Allows or denies devices; later rules win. */
export interface DeviceCgroup {
  /** REQUIRED. */
  readonly allow: boolean;
  /** OPTIONAL. `a` all, `c` character, `b` block. Default all. */
  readonly type?: string;
  /** OPTIONAL. Absent means every one. */
  readonly major?: number;
  /** OPTIONAL. Absent means every one. */
  readonly minor?: number;
  /** OPTIONAL. Of `r` read, `w` write, `m` mknod. */
  readonly access?: string;
}

/** Limits in bytes; -1 is no limit. A bigint from 2^53 up: cgroup v1 shows "no limit" as 9223372036854771712. */
export interface MemoryResources {
  /** OPTIONAL. Hard limit. */
  readonly limit?: number | bigint;
  /** OPTIONAL. Soft limit. */
  readonly reservation?: number | bigint;
  /** OPTIONAL. Memory and swap together. */
  readonly swap?: number | bigint;
  /** OPTIONAL. Deprecated: kernel memory. */
  readonly kernel?: number | bigint;
  /** OPTIONAL. Kernel memory of TCP buffers. */
  readonly kernelTCP?: number | bigint;
  /** OPTIONAL. 0 to 100. */
  readonly swappiness?: number;
  /** OPTIONAL. True makes the processes wait for memory instead. cgroup v1. */
  readonly disableOOMKiller?: boolean;
  /** OPTIONAL. Deprecated: count with the children. */
  readonly useHierarchy?: boolean;
  /** OPTIONAL. Refuse a new limit that is below what is in use. */
  readonly checkBeforeUpdate?: boolean;
}

/** Times in microseconds. */
export interface CpuResources {
  /** OPTIONAL. Weight against other cgroups. */
  readonly shares?: number;
  /** OPTIONAL. CPU time a period. */
  readonly quota?: number;
  /** OPTIONAL. Time that may be saved up and used beyond the quota. */
  readonly burst?: number;
  /** OPTIONAL. Length of a period; the kernel has 100000. */
  readonly period?: number;
  /** OPTIONAL. CPU time a period of the real-time policies. cgroup v1. */
  readonly realtimeRuntime?: number;
  /** OPTIONAL. Length of their period. cgroup v1. */
  readonly realtimePeriod?: number;
  /** OPTIONAL. List of CPUs: `0-3,7`. */
  readonly cpus?: string;
  /** OPTIONAL. List of memory nodes. */
  readonly mems?: string;
  /** OPTIONAL. 1 for SCHED_IDLE, 0 for the default. */
  readonly idle?: number;
}

export interface PidsResources {
  /** OPTIONAL. Number of tasks; -1 is no limit. */
  readonly limit?: number;
}

export interface WeightDevice {
  /** REQUIRED. */
  readonly major: number;
  /** REQUIRED. */
  readonly minor: number;
  /** OPTIONAL. 10 to 1000. */
  readonly weight?: number;
  /** OPTIONAL. 10 to 1000, against the child cgroups. cgroup v1. */
  readonly leafWeight?: number;
}

export interface ThrottleDevice {
  /** REQUIRED. */
  readonly major: number;
  /** REQUIRED. */
  readonly minor: number;
  /** REQUIRED by the text; absent means 0, which ends the limit. Bytes or operations a second. */
  readonly rate?: number | bigint;
}

export interface BlockIoResources {
  /** OPTIONAL. 10 to 1000. */
  readonly weight?: number;
  /** OPTIONAL. Weight of the tasks against the child cgroups. */
  readonly leafWeight?: number;
  /** OPTIONAL. Weights by device. */
  readonly weightDevice?: readonly WeightDevice[];
  /** OPTIONAL. Bytes a second. */
  readonly throttleReadBpsDevice?: readonly ThrottleDevice[];
  /** OPTIONAL. Bytes a second. */
  readonly throttleWriteBpsDevice?: readonly ThrottleDevice[];
  /** OPTIONAL. Operations a second. */
  readonly throttleReadIOPSDevice?: readonly ThrottleDevice[];
  /** OPTIONAL. Operations a second. */
  readonly throttleWriteIOPSDevice?: readonly ThrottleDevice[];
}

export interface HugepageLimit {
  /** REQUIRED: `2MB`, `1GB`. */
  readonly pageSize: string;
  /** REQUIRED: bytes; a bigint from 2^53 up. */
  readonly limit: number | bigint;
}

export interface InterfacePriority {
  /** REQUIRED: interface in the namespace of the runtime. */
  readonly name: string;
  /** REQUIRED. */
  readonly priority: number;
}

export interface NetworkResources {
  /** OPTIONAL. Tag of the packets, for tc. */
  readonly classID?: number;
  /** OPTIONAL. Priorities by interface. */
  readonly priorities?: readonly InterfacePriority[];
}

export interface RdmaResources {
  /** OPTIONAL. Most handles. One of the two is REQUIRED. */
  readonly hcaHandles?: number;
  /** OPTIONAL. Most objects. */
  readonly hcaObjects?: number;
}

/**
 * Limits through cgroups.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-linux.md#control-groups
 */
export interface LinuxResources {
  /** OPTIONAL. Applied in this order. */
  readonly devices?: readonly DeviceCgroup[];
  /** OPTIONAL. Sizes. */
  readonly memory?: MemoryResources;
  /** OPTIONAL. Shares and times. */
  readonly cpu?: CpuResources;
  /** OPTIONAL. Number of tasks. */
  readonly pids?: PidsResources;
  /** OPTIONAL. Weights and rates. */
  readonly blockIO?: BlockIoResources;
  /** OPTIONAL. By size of page. */
  readonly hugepageLimits?: readonly HugepageLimit[];
  /** OPTIONAL. cgroup v1. */
  readonly network?: NetworkResources;
  /** OPTIONAL. By device. */
  readonly rdma?: Readonly<Record<string, RdmaResources>>;
  /** OPTIONAL. cgroup v2: file name and what is written to it. */
  readonly unified?: Readonly<Record<string, string>>;
}

const throttle = list(
  object<ThrottleDevice>({ major: int53, minor: int53, rate: uint64 }, ['major', 'minor']),
);

export const linuxResources: Rule<LinuxResources> = object<LinuxResources>({
  devices: list(
    object<DeviceCgroup>({ allow: boolean, type: string, major: int53, minor: int53, access: string }, [
      'allow',
    ]),
  ),
  memory: object<MemoryResources>({
    limit: int64,
    reservation: int64,
    swap: int64,
    kernel: int64,
    kernelTCP: int64,
    swappiness: uint53,
    disableOOMKiller: boolean,
    useHierarchy: boolean,
    checkBeforeUpdate: boolean,
  }),
  cpu: object<CpuResources>({
    shares: uint53,
    quota: int53,
    burst: uint53,
    period: uint53,
    realtimeRuntime: int53,
    realtimePeriod: uint53,
    cpus: string,
    mems: string,
    idle: int53,
  }),
  pids: object<PidsResources>({ limit: int53 }),
  blockIO: object<BlockIoResources>({
    weight: uint16,
    leafWeight: uint16,
    weightDevice: list(
      object<WeightDevice>({ major: int53, minor: int53, weight: uint16, leafWeight: uint16 }, [
        'major',
        'minor',
      ]),
    ),
    throttleReadBpsDevice: throttle,
    throttleWriteBpsDevice: throttle,
    throttleReadIOPSDevice: throttle,
    throttleWriteIOPSDevice: throttle,
  }),
  hugepageLimits: list(
    object<HugepageLimit>({ pageSize: pattern('a page size (2MB)', /^[1-9][0-9]*[KMG]B$/), limit: uint64 }, [
      'pageSize',
      'limit',
    ]),
  ),
  network: object<NetworkResources>({
    classID: uint32,
    priorities: list(object<InterfacePriority>({ name: string, priority: uint32 }, ['name', 'priority'])),
  }),
  rdma: map(object<RdmaResources>({ hcaHandles: uint32, hcaObjects: uint32 })),
  unified: map(string),
});
