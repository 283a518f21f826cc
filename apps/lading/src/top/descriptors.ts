// SPDX-License-Identifier: Apache-2.0
import type { Accounts } from '@lading/engine';
import { goDuration } from '../output/go-duration.ts';
import { capabilityNames } from './capability-names.ts';
import { topColumns } from './columns.ts';
import { type Process, ticksPerSecond } from './process.ts';

/** A process, and what its container and the host call users and groups. */
interface TopProcess {
  readonly process: Process;
  readonly inside: Accounts;
  readonly outside: Accounts;
}

/** A column of `top`. */
export interface Descriptor {
  readonly header: string;
  /** ps(1) has it under this letter too: `%C`. */
  readonly code?: string;
  readonly of: (process: TopProcess) => string;
}

const named = (names: ReadonlyMap<number, string>, id: string | undefined): string =>
  names.get(Number(id)) ?? id ?? '';
const user = (header: string, position: number, code?: string): Descriptor => ({
  header,
  ...(code !== undefined && { code }),
  of: ({ process, inside }) => named(inside.users, process.status('Uid')[position]),
});
const group = (header: string, position: number, code?: string): Descriptor => ({
  header,
  ...(code !== undefined && { code }),
  of: ({ process, inside }) => named(inside.groups, process.status('Gid')[position]),
});
const capabilities = (header: string, key: string): Descriptor => ({
  header,
  of: ({ process }) => capabilityNames(process.status(key)[0] ?? '0'),
});
/** Kilobytes of a line of the status; kernel threads have none. */
const kilobytes = ({ process }: TopProcess, key: string): string => process.status(key)[0] ?? '0';
const seccompModes = ['disabled', 'strict', 'filter'];
const cpuTicks = ({ process }: TopProcess): number => process.stat(14) + process.stat(15);

/** podman's descriptors, by their names. */
const descriptors: Readonly<Record<(typeof topColumns)[number], Descriptor>> = {
  args: {
    header: 'COMMAND',
    code: 'a',
    of: ({ process }) =>
      process.commandLine.length > 0
        ? process.commandLine.join(' ')
        : `[${process.status('Name').join(' ')}]`,
  },
  capamb: capabilities('AMBIENT CAPS', 'CapAmb'),
  capbnd: capabilities('BOUNDING CAPS', 'CapBnd'),
  capeff: capabilities('EFFECTIVE CAPS', 'CapEff'),
  capinh: capabilities('INHERITED CAPS', 'CapInh'),
  capprm: capabilities('PERMITTED CAPS', 'CapPrm'),
  comm: { header: 'COMMAND', code: 'c', of: ({ process }) => process.status('Name').join(' ') },
  etime: { header: 'ELAPSED', code: 't', of: ({ process }) => seconds(process.runningSeconds) },
  group: group('GROUP', 1, 'G'),
  groups: {
    header: 'GROUPS',
    of: ({ process, inside }) =>
      process
        .status('Groups')
        .map((id) => named(inside.groups, id))
        .join(','),
  },
  hgroup: { header: 'HGROUP', of: ({ process, outside }) => named(outside.groups, process.status('Gid')[1]) },
  hgroups: {
    header: 'HGROUPS',
    of: ({ process, outside }) =>
      process
        .status('Groups')
        .map((id) => named(outside.groups, id))
        .join(','),
  },
  hpid: { header: 'HPID', of: ({ process }) => process.status('Pid')[0] ?? '' },
  huser: { header: 'HUSER', of: ({ process, outside }) => named(outside.users, process.status('Uid')[1]) },
  label: { header: 'LABEL', of: ({ process }) => process.label || '?' },
  nice: { header: 'NI', code: 'n', of: ({ process }) => String(process.stat(19)) },
  pcpu: {
    header: '%CPU',
    code: 'C',
    of: (one) => {
      const { runningSeconds } = one.process;
      return (runningSeconds > 0 ? (cpuTicks(one) / ticksPerSecond / runningSeconds) * 100 : 0).toFixed(3);
    },
  },
  pgid: { header: 'PGID', code: 'r', of: ({ process }) => process.status('NSpgid').at(-1) ?? '' },
  pid: { header: 'PID', code: 'p', of: ({ process }) => process.status('NSpid').at(-1) ?? '' },
  ppid: { header: 'PPID', code: 'P', of: ({ process }) => process.parent },
  rgroup: group('RGROUP', 0, 'g'),
  rss: { header: 'RSS', of: (one) => kilobytes(one, 'VmRSS') },
  ruser: user('RUSER', 0, 'u'),
  seccomp: {
    header: 'SECCOMP',
    of: ({ process }) => seccompModes[Number(process.status('Seccomp')[0])] ?? '',
  },
  state: { header: 'STATE', of: ({ process }) => process.status('State')[0] ?? '' },
  stime: {
    header: 'STIME',
    of: ({ process }) => {
      const started = new Date(Date.now() - process.runningSeconds * 1000).toISOString();
      return `${started.slice(0, 10)} ${started.slice(11, 19)} +0000 UTC`;
    },
  },
  time: { header: 'TIME', code: 'x', of: (one) => seconds(cpuTicks(one) / ticksPerSecond) },
  tty: { header: 'TTY', code: 'y', of: ({ process }) => terminal(process.stat(7)) },
  user: user('USER', 1, 'U'),
  vsz: { header: 'VSZ', code: 'z', of: (one) => kilobytes(one, 'VmSize') },
};

/** What `top` shows of itself. */
export const usualColumns: readonly string[] = 'user pid ppid pcpu etime tty time args'.split(' ');

/** Those that are asked for, by name or as `%C`; undefined when one of them is ps(1)'s own. */
export function findDescriptors(words: readonly string[]): readonly Descriptor[] | undefined {
  const names = words.flatMap((word) => word.split(/[, ]+/)).filter((name) => name !== '');
  const found = names.map((name) => {
    if (name.startsWith('%')) return Object.values(descriptors).find(({ code }) => code === name.slice(1));
    const column = topColumns.find((known) => known === name);
    return column && descriptors[column];
  });
  return found.every((one) => one !== undefined) ? found : undefined;
}

function seconds(count: number): string {
  return goDuration(BigInt(Math.max(0, Math.round(count * 1000))) * 1_000_000n);
}

/** `pts/0` for the device number of a pseudoterminal. */
function terminal(device: number): string {
  if (device === 0) return '?';
  return `pts/${(device & 0xff) | ((device >> 12) & 0xfff00)}`;
}
