// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** Bit numbers of the capabilities, in the kernel's order. @see capabilities(7) */
const capabilityNames: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
];

/** The five sets, as names such as `CAP_NET_ADMIN`. */
export interface ProcessCapabilities {
  readonly inheritable: readonly string[];
  readonly permitted: readonly string[];
  readonly effective: readonly string[];
  readonly bounding: readonly string[];
  readonly ambient: readonly string[];
}

/** What this process may do, from /proc/self/status. */
export function processCapabilities(): ProcessCapabilities {
  return parseCapabilities(readFileSync('/proc/self/status', 'utf8'));
}

export function parseCapabilities(status: string): ProcessCapabilities {
  const set = (field: string): readonly string[] => {
    const bits = BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);
    return capabilityNames.filter((_name, i) => (bits >> BigInt(i)) & 1n).map((name) => `CAP_${name}`);
  };
  return {
    inheritable: set('CapInh'),
    permitted: set('CapPrm'),
    effective: set('CapEff'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
  };
}

/** A limit; "unlimited" is 2^64-1. */
export interface ResourceLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

const limitNames: Readonly<Record<string, string>> = {
  'Max cpu time': 'RLIMIT_CPU',
  'Max file size': 'RLIMIT_FSIZE',
  'Max data size': 'RLIMIT_DATA',
  'Max stack size': 'RLIMIT_STACK',
  'Max core file size': 'RLIMIT_CORE',
  'Max resident set': 'RLIMIT_RSS',
  'Max processes': 'RLIMIT_NPROC',
  'Max open files': 'RLIMIT_NOFILE',
  'Max locked memory': 'RLIMIT_MEMLOCK',
  'Max address space': 'RLIMIT_AS',
  'Max file locks': 'RLIMIT_LOCKS',
  'Max pending signals': 'RLIMIT_SIGPENDING',
  'Max msgqueue size': 'RLIMIT_MSGQUEUE',
  'Max nice priority': 'RLIMIT_NICE',
  'Max realtime priority': 'RLIMIT_RTPRIO',
  'Max realtime timeout': 'RLIMIT_RTTIME',
};

/** The resource limits of this process by their names, such as `RLIMIT_NOFILE`. */
export function processRlimits(): Readonly<Record<string, ResourceLimit>> {
  return parseLimits(readFileSync('/proc/self/limits', 'utf8'));
}

export function parseLimits(text: string): Readonly<Record<string, ResourceLimit>> {
  const found: Record<string, ResourceLimit> = Object.create(null);
  for (const line of text.split('\n').slice(1)) {
    const [, label = '', soft = '', hard = ''] = /^(.+?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? [];
    const name = limitNames[label];
    if (name !== undefined) found[name] = { soft: limitValue(soft), hard: limitValue(hard) };
  }
  return found;
}

function limitValue(text: string): bigint {
  return text === 'unlimited' ? 0xffff_ffff_ffff_ffffn : BigInt(text);
}
