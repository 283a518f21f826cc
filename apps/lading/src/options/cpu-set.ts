// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';

interface CpuSet {
  readonly what: string;
  /** Below the cgroups of version 1 or 2. */
  readonly files: readonly string[];
}

const sets: Readonly<Record<'cpuset-cpus' | 'cpuset-mems', CpuSet>> = {
  'cpuset-cpus': { what: 'CPUs', files: ['cpuset/cpuset.cpus', 'cpuset.cpus.effective'] },
  'cpuset-mems': { what: 'memory nodes', files: ['cpuset/cpuset.mems', 'cpuset.mems.effective'] },
};

/** `0-3,5`. The kernel has the same word for a set that is none and for one that the machine does not have. */
export function checkCpuSet(flag: keyof typeof sets, text: string, cgroups = '/sys/fs/cgroup'): string {
  const asked = rangesOf(text);
  if (asked === undefined) throw usageError(`invalid --${flag} ${quote(text)}: use a list such as 0-3,5`);
  const { what, files } = sets[flag];
  const file = files.map((name) => `${cgroups}/${name}`).find((path) => existsSync(path));
  const available = file === undefined ? '' : readFileSync(file, 'utf8').trim();
  const ranges = rangesOf(available) ?? [];
  const isThere = ([from, to]: Range): boolean => ranges.some(([first, last]) => first <= from && to <= last);
  if (ranges.length > 0 && !asked.every(isThere)) {
    throw usageError(
      `requested ${what} are not available - requested ${text}, available: ${available}; see --${flag}`,
    );
  }
  return text;
}

type Range = readonly [from: number, to: number];

function rangesOf(text: string): readonly Range[] | undefined {
  const ranges = text.split(',').map((part): Range => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    return [Number(from), Number(to)];
  });
  return ranges.every(([from, to]) => from <= to) ? ranges : undefined;
}
