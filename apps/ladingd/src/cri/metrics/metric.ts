// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, ContainerUsage, NetworkUsage, ProcessFigures } from '@lading/engine';

/** Groups by which metrics are chosen, in the words of CRI-O's `included_pod_metrics`. */
export type MetricGroup =
  | 'cpu'
  | 'disk'
  | 'diskIO'
  | 'hugetlb'
  | 'memory'
  | 'network'
  | 'oom'
  | 'process'
  | 'spec'
  | 'pressure';

/** A value, with those of the metric's own labels. Fractions are cut: CRI sends whole numbers. */
export interface MetricValue {
  readonly value: number | bigint;
  readonly labels?: readonly string[];
}

/** A metric of a container or of a sandbox's network, by the name that cAdvisor gives it. */
export interface MetricOf<Source> {
  readonly name: `container_${string}`;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  /** Keys beside those that all metrics have. */
  readonly labels?: readonly string[];
  /** None where the kernel does not count it. */
  readonly values: (source: Source) => readonly MetricValue[];
}

/** What is known of a running container. */
export interface ContainerSource {
  readonly container: ContainerInfo;
  readonly usage: ContainerUsage;
  readonly cgroup: NonNullable<ContainerUsage['cgroup']>;
  readonly processes: ProcessFigures;
  readonly filesystem: FilesystemFigures;
}

/** The file system of writable layers. */
export interface FilesystemFigures {
  readonly device: string;
  readonly sizeBytes: number;
  readonly inodes: number;
  readonly freeInodes: number;
}

export type NetworkSource = readonly NetworkUsage[];

/** One value without labels. */
export function plain(value: number | bigint | undefined): readonly MetricValue[] {
  return value === undefined ? [] : [{ value }];
}

export function secondsOf(nanoseconds: bigint): bigint {
  return nanoseconds / 1_000_000_000n;
}
