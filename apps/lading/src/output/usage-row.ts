// SPDX-License-Identifier: Apache-2.0
import { totalmem } from 'node:os';
import type { ContainerInfo, ContainerUsage } from '@lading/engine';
import { goDuration } from './go-duration.ts';
import { humanSize } from './human-size.ts';

/** Titles of `stats` columns, by the name of the field. */
export const usageHeaders: Readonly<Record<string, string>> = {
  ID: 'ID',
  Name: 'NAME',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemUsageBytes: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET IO',
  BlockIO: 'BLOCK IO',
  PIDS: 'PIDS',
  PIDs: 'PIDS',
  UpTime: 'CPU TIME',
  AVGCPU: 'AVG CPU %',
};

/** What a container has used, and over which time that was counted. */
export interface Reading {
  readonly container: ContainerInfo;
  readonly usage: ContainerUsage;
  readonly network: { readonly receivedBytes: bigint; readonly sentBytes: bigint };
}

/** One container as `stats` shows it; field names are podman's. */
export interface UsageRow {
  readonly ID: string;
  readonly Name: string;
  readonly CPUPerc: string;
  readonly MemUsage: string;
  readonly MemUsageBytes: string;
  readonly MemPerc: string;
  readonly NetIO: string;
  readonly BlockIO: string;
  readonly PIDS: string;
  readonly PIDs: string;
  readonly UpTime: string;
  readonly AVGCPU: string;
}

/** @param truncate whether ids are short */
export function usageRow({ container, usage, network }: Reading, truncate: boolean): UsageRow {
  const { cgroup, nanoCores } = usage;
  const cpuNs = cgroup?.cpu.usageNs ?? 0n;
  const memory = cgroup?.memory;
  const limit = memory?.limitBytes ?? (memory === undefined ? 0 : totalmem());
  const average = sinceStart(container, usage, cpuNs);
  const devices = cgroup?.devices ?? [];
  const read = devices.reduce((sum, { readBytes }) => sum + readBytes, 0);
  const written = devices.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0);
  const tasks = String(cgroup?.tasks ?? 0);
  return {
    ID: truncate ? container.id.slice(0, 12) : container.id,
    Name: container.name,
    // At the first look there is no time between two: that since the start, as podman has it.
    CPUPerc: percent(nanoCores === undefined ? average : Number(nanoCores) / 1e9),
    MemUsage: pair(memory?.usageBytes ?? 0, limit),
    MemUsageBytes: pair(memory?.usageBytes ?? 0, limit, binarySize),
    MemPerc: percent(limit === 0 ? 0 : (memory?.usageBytes ?? 0) / limit),
    NetIO: pair(Number(network.receivedBytes), Number(network.sentBytes)),
    BlockIO: pair(read, written),
    PIDS: tasks,
    PIDs: tasks,
    UpTime: goDuration(cpuNs),
    AVGCPU: percent(average),
  };
}

/** An element of `stats --format json`. */
export function usageJson(row: UsageRow): Readonly<Record<string, string>> {
  return {
    id: row.ID,
    name: row.Name,
    cpu_time: row.UpTime,
    cpu_percent: row.CPUPerc,
    avg_cpu: row.AVGCPU,
    mem_usage: row.MemUsage,
    mem_percent: row.MemPerc,
    net_io: row.NetIO,
    block_io: row.BlockIO,
    pids: row.PIDS,
  };
}

function sinceStart({ startedAt }: ContainerInfo, { time }: ContainerUsage, cpuNs: bigint): number {
  const ms = startedAt === undefined ? 0 : Date.parse(time) - Date.parse(startedAt);
  return ms <= 0 ? 0 : Number(cpuNs) / 1e6 / ms;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function pair(one: number, other: number, size: (bytes: number) => string = humanSize): string {
  return `${size(one)} / ${size(other)}`;
}

function binarySize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(4))}${units[unit]}`;
}
