// SPDX-License-Identifier: Apache-2.0
import type { ContainerUsage } from '@lading/engine';
import { type ContainerSource, type MetricOf, plain } from './metric.ts';

type Memory = NonNullable<ContainerUsage['cgroup']>['memory'];

function gauge(
  name: `container_memory_${string}`,
  help: string,
  key: Exclude<keyof Memory, 'limitBytes' | 'swapLimitBytes'>,
): MetricOf<ContainerSource> {
  return { name, help, kind: 'gauge', values: ({ cgroup }) => plain(cgroup.memory[key]) };
}

export const memoryMetrics: readonly MetricOf<ContainerSource>[] = [
  gauge('container_memory_cache', 'Page cache, in bytes.', 'cacheBytes'),
  gauge('container_memory_rss', 'Memory that no file backs, in bytes.', 'rssBytes'),
  gauge('container_memory_kernel_usage', 'Memory of the kernel on its behalf, in bytes.', 'kernelBytes'),
  gauge('container_memory_mapped_file', 'Mapped files, in bytes.', 'mappedFileBytes'),
  gauge('container_memory_swap', 'Swap in use, in bytes.', 'swapBytes'),
  {
    ...gauge('container_memory_failcnt', 'How often the memory limit was hit.', 'limitHits'),
    kind: 'counter',
  },
  gauge('container_memory_usage_bytes', 'Memory in use, the whole page cache too, in bytes.', 'usageBytes'),
  gauge('container_memory_max_usage_bytes', 'The most memory that was in use, in bytes.', 'maxUsageBytes'),
  gauge(
    'container_memory_working_set_bytes',
    'Memory in use that the kernel would not drop at once, in bytes.',
    'workingSetBytes',
  ),
  {
    name: 'container_memory_failures_total',
    help: 'Page faults, of its own processes and of those below.',
    kind: 'counter',
    labels: ['failure_type', 'scope'],
    values: ({ cgroup: { memory } }) =>
      ['container', 'hierarchy'].flatMap((scope) => [
        { value: memory.pageFaults, labels: ['pgfault', scope] },
        { value: memory.majorPageFaults, labels: ['pgmajfault', scope] },
      ]),
  },
];
