// SPDX-License-Identifier: Apache-2.0
import type { CgroupUsage, NetworkUsage } from '@lading/linux';
import type { ContainerInfo } from './containers.ts';
import type { PodInfo } from './pods.ts';

/** What files take, and when that was measured. */
export interface DiskUsage {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Lengths of files and links. */
  readonly bytes: number;
  readonly inodes: number;
}

/** What a container has used up to now. */
export interface ContainerUsage {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Left out when it does not run. */
  readonly cgroup?: CgroupUsage;
  /** Processor time a second, in nanoseconds, between this reading and one before; left out at the first. */
  readonly nanoCores?: bigint;
  readonly processes: number;
  /** Its own layer. It is not measured anew at every call: the time says when. */
  readonly layer?: DiskUsage;
}

/** What a pod has used up to now. */
export interface PodUsage {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Of the pod's control group where it was given one, else of its running containers together. */
  readonly cgroup?: Pick<CgroupUsage, 'cpu' | 'memory' | 'pressure'>;
  readonly nanoCores?: bigint;
  readonly processes: number;
  /** Interfaces of its network namespace but for lo, the first of the pod first; none on the host's network. */
  readonly network: readonly NetworkUsage[];
}

/** Processes of a running container, looked at one by one. */
export interface ProcessFigures {
  readonly processes: number;
  readonly fileDescriptors: number;
  readonly sockets: number;
  /** Soft limit of open files of the first process; left out when there is none. */
  readonly openFilesLimit?: number;
}

/** A file system of the store. */
export interface StoreUsage extends DiskUsage {
  /** The folder on it, without symbolic links. */
  readonly folder: string;
}

/** What containers, pods and images use. */
export interface Usages {
  container(container: ContainerInfo): Promise<ContainerUsage>;
  /** `containers` are what {@link Usages.container} said of those in the pod. */
  pod(pod: PodInfo, containers: readonly ContainerUsage[]): Promise<PodUsage>;
  processes(container: ContainerInfo): Promise<ProcessFigures>;
  /** What the layers of images take together, and those of containers. */
  store(options?: {
    readonly signal?: AbortSignal;
  }): Promise<{ readonly images: StoreUsage; readonly containers: StoreUsage }>;
}
