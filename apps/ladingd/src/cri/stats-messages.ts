// SPDX-License-Identifier: Apache-2.0
import type {
  ContainerStats,
  FilesystemUsage,
  Input,
  LinuxPodSandboxStats,
  NetworkInterfaceUsage,
  PsiStats,
  UInt64Value,
} from '@lading/cri-api';
import type { CgroupUsage, ContainerUsage, DiskUsage, NetworkUsage, PodUsage } from '@lading/engine';
import { nanosecondsOf } from './time.ts';

type Counters = Pick<CgroupUsage, 'cpu' | 'memory' | 'pressure'>;
type Figures = Pick<Input<ContainerStats>, 'cpu' | 'memory' | 'swap' | 'io'>;

/** A number as CRI sends one that may be absent. */
function uint64(value: number | bigint): UInt64Value {
  return { value: BigInt(value) };
}

/** The figures of a container; without those of a control group when it does not run. */
export function containerFigures(usage: ContainerUsage, folder: string): Input<ContainerStats> {
  return {
    ...(usage.cgroup === undefined ? {} : figuresOf(usage.cgroup, usage)),
    ...(usage.layer === undefined ? {} : { writableLayer: filesystemUsage(usage.layer, folder) }),
  };
}

/** The figures of a pod. */
export function podFigures(
  usage: PodUsage,
  containers: readonly Input<ContainerStats>[],
): Input<LinuxPodSandboxStats> {
  const timestamp = nanosecondsOf(usage.time);
  const { cpu, memory, io } = usage.cgroup === undefined ? {} : figuresOf(usage.cgroup, usage);
  const [first, ...others] = usage.network.map(interfaceUsage);
  return {
    ...{ cpu, memory, io, containers },
    ...(first === undefined ? {} : { network: { timestamp, defaultInterface: first, interfaces: others } }),
    process: { timestamp, processCount: uint64(usage.processes) },
  };
}

/** What files take, and on which file system they are. */
export function filesystemUsage(usage: DiskUsage, folder: string): Input<FilesystemUsage> {
  return {
    timestamp: nanosecondsOf(usage.time),
    fsId: { mountpoint: folder },
    usedBytes: uint64(usage.bytes),
    inodesUsed: uint64(usage.inodes),
  };
}

function figuresOf(
  { cpu, memory, pressure }: Counters,
  { time, nanoCores }: { readonly time: string; readonly nanoCores?: bigint },
): Figures {
  const timestamp = nanosecondsOf(time);
  const { limitBytes, swapLimitBytes, swapBytes, workingSetBytes } = memory;
  const available = limitBytes === undefined ? undefined : Math.max(0, limitBytes - workingSetBytes);
  const swapAvailable =
    swapLimitBytes === undefined ? undefined : uint64(Math.max(0, swapLimitBytes - swapBytes));
  return {
    cpu: {
      timestamp,
      usageCoreNanoSeconds: uint64(cpu.usageNs),
      ...(nanoCores === undefined ? {} : { usageNanoCores: uint64(nanoCores) }),
      psi: psiOf(pressure.cpu),
    },
    memory: {
      timestamp,
      workingSetBytes: uint64(workingSetBytes),
      ...(available === undefined ? {} : { availableBytes: uint64(available) }),
      usageBytes: uint64(memory.usageBytes),
      rssBytes: uint64(memory.rssBytes),
      pageFaults: uint64(memory.pageFaults),
      majorPageFaults: uint64(memory.majorPageFaults),
      psi: psiOf(pressure.memory),
    },
    swap: { timestamp, swapAvailableBytes: swapAvailable, swapUsageBytes: uint64(swapBytes) },
    ...(pressure.io === undefined ? {} : { io: { timestamp, psi: psiOf(pressure.io) } }),
  };
}

type Pressure = NonNullable<CgroupUsage['pressure']['cpu']>;

/** CRI counts the time in microseconds too. */
function psiOf(pressure: Pressure | undefined): Input<PsiStats> | undefined {
  if (pressure === undefined) return undefined;
  const line = (given: Pressure['some']): Input<PsiStats['Some']> =>
    given && { Total: given.totalUs, Avg10: given.avg10, Avg60: given.avg60, Avg300: given.avg300 };
  return { Some: line(pressure.some), Full: line(pressure.full) };
}

function interfaceUsage(usage: NetworkUsage): NetworkInterfaceUsage {
  return {
    name: usage.name,
    rxBytes: uint64(usage.receivedBytes),
    rxErrors: uint64(usage.receiveErrors),
    txBytes: uint64(usage.sentBytes),
    txErrors: uint64(usage.sendErrors),
  };
}
