// SPDX-License-Identifier: Apache-2.0

import { ioMetrics } from './io-metrics.ts';
import { memoryMetrics } from './memory-metrics.ts';
import { type ContainerSource, type MetricGroup, type MetricOf, plain, secondsOf } from './metric.ts';

type Metric = MetricOf<ContainerSource>;

const cpu: readonly Metric[] = [
  {
    name: 'container_cpu_user_seconds_total',
    help: 'Processor time in user mode, in seconds.',
    kind: 'counter',
    values: ({ cgroup }) => plain(secondsOf(cgroup.cpu.userNs)),
  },
  {
    name: 'container_cpu_system_seconds_total',
    help: 'Processor time in kernel mode, in seconds.',
    kind: 'counter',
    values: ({ cgroup }) => plain(secondsOf(cgroup.cpu.systemNs)),
  },
  {
    name: 'container_cpu_usage_seconds_total',
    help: 'Processor time, in seconds.',
    kind: 'counter',
    labels: ['cpu'],
    values: ({ cgroup }) => [{ value: secondsOf(cgroup.cpu.usageNs), labels: ['total'] }],
  },
  {
    name: 'container_cpu_cfs_periods_total',
    help: 'Periods in which the processor quota was enforced.',
    kind: 'counter',
    values: ({ cgroup }) => plain(cgroup.cpu.periods),
  },
  {
    name: 'container_cpu_cfs_throttled_periods_total',
    help: 'Periods in which the processor quota was used up.',
    kind: 'counter',
    values: ({ cgroup }) => plain(cgroup.cpu.throttledPeriods),
  },
  {
    name: 'container_cpu_cfs_throttled_seconds_total',
    help: 'Time without a processor because the quota was used up, in seconds.',
    kind: 'counter',
    values: ({ cgroup }) => plain(secondsOf(cgroup.cpu.throttledNs)),
  },
];

const disk: readonly Metric[] = [
  {
    name: 'container_fs_inodes_free',
    help: 'Inodes that are free on the file system of the writable layer.',
    kind: 'gauge',
    labels: ['device'],
    values: ({ filesystem }) => [{ value: filesystem.freeInodes, labels: [filesystem.device] }],
  },
  {
    name: 'container_fs_inodes_total',
    help: 'Inodes of the file system of the writable layer.',
    kind: 'gauge',
    labels: ['device'],
    values: ({ filesystem }) => [{ value: filesystem.inodes, labels: [filesystem.device] }],
  },
  {
    name: 'container_fs_limit_bytes',
    help: 'Size of the file system of the writable layer, in bytes.',
    kind: 'gauge',
    labels: ['device'],
    values: ({ filesystem }) => [{ value: filesystem.sizeBytes, labels: [filesystem.device] }],
  },
  {
    name: 'container_fs_usage_bytes',
    help: 'Bytes in the writable layer.',
    kind: 'gauge',
    labels: ['device'],
    values: ({ usage, filesystem }) =>
      usage.layer === undefined ? [] : [{ value: usage.layer.bytes, labels: [filesystem.device] }],
  },
];

const hugetlb: readonly Metric[] = [
  {
    name: 'container_hugetlb_usage_bytes',
    help: 'Huge pages in use, in bytes.',
    kind: 'gauge',
    labels: ['pagesize'],
    values: ({ cgroup }) =>
      cgroup.hugePages.map(({ pageSize, usageBytes }) => ({ value: usageBytes, labels: [pageSize] })),
  },
  {
    name: 'container_hugetlb_max_usage_bytes',
    help: 'The most huge pages that were in use, in bytes.',
    kind: 'gauge',
    labels: ['pagesize'],
    values: ({ cgroup }) =>
      cgroup.hugePages.flatMap(({ pageSize, maxUsageBytes }) =>
        maxUsageBytes === undefined ? [] : [{ value: maxUsageBytes, labels: [pageSize] }],
      ),
  },
];

const oom: readonly Metric[] = [
  {
    name: 'container_oom_events_total',
    help: 'Processes that the kernel killed for want of memory.',
    kind: 'counter',
    values: ({ cgroup }) => plain(cgroup.memory.oomKills),
  },
];

const processes: readonly Metric[] = [
  {
    name: 'container_file_descriptors',
    help: 'Open file descriptors.',
    kind: 'gauge',
    values: (source) => plain(source.processes.fileDescriptors),
  },
  {
    name: 'container_processes',
    help: 'Processes.',
    kind: 'gauge',
    values: (source) => plain(source.processes.processes),
  },
  {
    name: 'container_sockets',
    help: 'Open sockets.',
    kind: 'gauge',
    values: (source) => plain(source.processes.sockets),
  },
  {
    name: 'container_threads',
    help: 'Threads of all processes.',
    kind: 'gauge',
    values: ({ cgroup }) => plain(cgroup.tasks),
  },
  {
    name: 'container_threads_max',
    help: 'Limit of threads; 0 when there is none.',
    kind: 'gauge',
    values: ({ cgroup }) => plain(cgroup.taskLimit ?? 0),
  },
  {
    name: 'container_ulimits_soft',
    help: 'Soft limits of the first process.',
    kind: 'gauge',
    labels: ['ulimit'],
    values: ({ processes: { openFilesLimit } }) =>
      openFilesLimit === undefined ? [] : [{ value: openFilesLimit, labels: ['max_open_files'] }],
  },
];

const spec: readonly Metric[] = [
  {
    name: 'container_spec_memory_limit_bytes',
    help: 'Memory limit, in bytes; 0 when there is none.',
    kind: 'gauge',
    values: ({ cgroup }) => plain(cgroup.memory.limitBytes ?? 0),
  },
  {
    name: 'container_spec_memory_reservation_limit_bytes',
    help: 'Memory that is kept for it, in bytes; 0 when there is none.',
    kind: 'gauge',
    values: ({ container }) => plain(container.options.resources?.memoryReservationBytes ?? 0),
  },
  {
    name: 'container_spec_memory_swap_limit_bytes',
    help: 'Swap limit, in bytes; 0 when there is none.',
    kind: 'gauge',
    values: ({ cgroup }) => plain(cgroup.memory.swapLimitBytes ?? 0),
  },
  {
    name: 'container_spec_cpu_period',
    help: 'Period of the processor quota, in microseconds.',
    kind: 'gauge',
    values: ({ container }) => plain(container.options.resources?.cpuPeriodUs ?? 0),
  },
  {
    name: 'container_spec_cpu_shares',
    help: 'Share of the processors, relative to others.',
    kind: 'gauge',
    values: ({ container }) => plain(container.options.resources?.cpuShares ?? 0),
  },
  {
    name: 'container_spec_cpu_quota',
    help: 'Processor quota a period, in microseconds.',
    kind: 'gauge',
    values: ({ container }) => {
      const quota = container.options.resources?.cpuQuotaUs;
      return plain(quota !== undefined && quota > 0 ? quota : undefined);
    },
  },
  {
    name: 'container_start_time_seconds',
    help: 'When it was started, in seconds since 1970.',
    kind: 'gauge',
    values: ({ container: { startedAt } }) =>
      plain(startedAt === undefined ? undefined : Math.floor(Date.parse(startedAt) / 1000)),
  },
];

const pressure = (['cpu', 'memory', 'io'] as const).flatMap((resource): readonly Metric[] => [
  {
    name: `container_pressure_${resource}_stalled_seconds_total`,
    help: `Time in which all tasks waited for ${resource}, in seconds.`,
    kind: 'counter',
    values: ({ cgroup }) => plain(seconds(cgroup.pressure[resource]?.full?.totalUs)),
  },
  {
    name: `container_pressure_${resource}_waiting_seconds_total`,
    help: `Time in which some task waited for ${resource}, in seconds.`,
    kind: 'counter',
    values: ({ cgroup }) => plain(seconds(cgroup.pressure[resource]?.some?.totalUs)),
  },
]);

function seconds(totalUs: bigint | undefined): bigint | undefined {
  return totalUs === undefined ? undefined : totalUs / 1_000_000n;
}

/** Metrics of containers by their group. */
export const containerMetrics: Readonly<Record<Exclude<MetricGroup, 'network'>, readonly Metric[]>> = {
  cpu,
  disk,
  diskIO: ioMetrics,
  hugetlb,
  memory: memoryMetrics,
  oom,
  process: processes,
  spec,
  pressure,
};

/** The one that is told whatever groups are chosen. */
export const lastSeen: Metric = {
  name: 'container_last_seen',
  help: 'When it was last seen, in seconds since 1970.',
  kind: 'gauge',
  values: ({ usage }) => plain(Math.floor(Date.parse(usage.time) / 1000)),
};
