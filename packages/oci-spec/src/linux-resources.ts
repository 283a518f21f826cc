// SPDX-License-Identifier: Apache-2.0
import {
  boolean,
  int53,
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
  /** `a` all, `c` character, `b` block. Default all. */
  readonly type?: string;
  /** Absent means every one. */
  readonly major?: number;
  /** Absent means every one. */
  readonly minor?: number;
  /** Of `r` read, `w` write, `m` mknod. */
  readonly access?: string;
}

/** Limits in bytes; -1 is no limit. */
export interface MemoryResources {
  readonly limit?: number;
  /** Soft limit. */
  readonly reservation?: number;
  /** Memory and swap together. */
  readonly swap?: number;
  /** Deprecated: kernel memory. */
  readonly kernel?: number;
  /** Kernel memory of TCP buffers. */
  readonly kernelTCP?: number;
  /** 0 to 100. */
  readonly swappiness?: number;
  readonly disableOOMKiller?: boolean;
  /** Deprecated: count with the children. */
  readonly useHierarchy?: boolean;
  /** Refuse a new limit that is below what is in use. */
  readonly checkBeforeUpdate?: boolean;
}

/** Times in microseconds. */
export interface CpuResources {
  /** Weight against other cgroups. */
  readonly shares?: number;
  /** CPU time a period. */
  readonly quota?: number;
  /** Time that may be saved up and used beyond the quota. */
  readonly burst?: number;
  readonly period?: number;
  readonly realtimeRuntime?: number;
  readonly realtimePeriod?: number;
  /** List of CPUs: `0-3,7`. */
  readonly cpus?: string;
  /** List of memory nodes. */
  readonly mems?: string;
  /** 1 for SCHED_IDLE, 0 for the default. */
  readonly idle?: number;
}

export interface PidsResources {
  /** Number of tasks; -1 is no limit. */
  readonly limit?: number;
}

export interface WeightDevice {
  readonly major: number;
  readonly minor: number;
  /** 10 to 1000. */
  readonly weight?: number;
  readonly leafWeight?: number;
}

export interface ThrottleDevice {
  readonly major: number;
  readonly minor: number;
  /** Bytes or operations a second. */
  readonly rate?: number;
}

export interface BlockIoResources {
  /** 10 to 1000. */
  readonly weight?: number;
  /** Weight of the tasks against the child cgroups. */
  readonly leafWeight?: number;
  readonly weightDevice?: readonly WeightDevice[];
  readonly throttleReadBpsDevice?: readonly ThrottleDevice[];
  readonly throttleWriteBpsDevice?: readonly ThrottleDevice[];
  readonly throttleReadIOPSDevice?: readonly ThrottleDevice[];
  readonly throttleWriteIOPSDevice?: readonly ThrottleDevice[];
}

export interface HugepageLimit {
  /** REQUIRED: `2MB`, `1GB`. */
  readonly pageSize: string;
  /** REQUIRED: bytes; a bigint from 2^53 up. */
  readonly limit: number | bigint;
}

export interface InterfacePriority {
  readonly name: string;
  readonly priority: number;
}

export interface NetworkResources {
  /** Tag of the packets, for tc. */
  readonly classID?: number;
  readonly priorities?: readonly InterfacePriority[];
}

export interface RdmaResources {
  readonly hcaHandles?: number;
  readonly hcaObjects?: number;
}

/**
 * Limits through cgroups.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-linux.md#control-groups
 */
export interface LinuxResources {
  readonly devices?: readonly DeviceCgroup[];
  readonly memory?: MemoryResources;
  readonly cpu?: CpuResources;
  readonly pids?: PidsResources;
  readonly blockIO?: BlockIoResources;
  readonly hugepageLimits?: readonly HugepageLimit[];
  readonly network?: NetworkResources;
  /** By device. */
  readonly rdma?: Readonly<Record<string, RdmaResources>>;
  /** cgroup v2: file name and what is written to it. */
  readonly unified?: Readonly<Record<string, string>>;
}

const throttle = list(
  object<ThrottleDevice>({ major: int53, minor: int53, rate: uint53 }, ['major', 'minor']),
);

export const linuxResources: Rule<LinuxResources> = object<LinuxResources>({
  devices: list(
    object<DeviceCgroup>({ allow: boolean, type: string, major: int53, minor: int53, access: string }, [
      'allow',
    ]),
  ),
  memory: object<MemoryResources>({
    limit: int53,
    reservation: int53,
    swap: int53,
    kernel: int53,
    kernelTCP: int53,
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
