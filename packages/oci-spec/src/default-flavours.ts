// SPDX-License-Identifier: Apache-2.0
import { defaultCapabilities } from './capabilities.ts';
import { kernelMounts, procOptions } from './default-mounts.ts';
import type { Mount } from './mount.ts';
import type { Process } from './process.ts';
import type { Root, Spec } from './spec.ts';

/** What the defaults of the tools differ in. */
export interface Flavour {
  readonly process: Omit<Process, 'cwd' | 'capabilities' | 'user'> & { readonly umask?: number };
  readonly capabilities: readonly string[];
  readonly root: Root;
  readonly hostname?: Spec['hostname'];
  readonly mounts: readonly Mount[];
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly pidsLimit?: number;
  readonly sysctl?: Readonly<Record<string, string>>;
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const term = 'TERM=xterm';

/** What tells of the host, or lets a container slow it down: on the list of every tool. */
const masked = [
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/firmware',
] as const;
/** The same, of the containers project of late. */
const maskedOfLate = ['/proc/interrupts', '/sys/devices/virtual/powercap', '/sys/fs/selinux'] as const;
const readonly = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const;

/** Podman's capabilities, everything hidden that any of the others hides, nothing that a configuration sets. */
export const common: Flavour = {
  process: { args: ['sh'], env: [path] },
  capabilities: defaultCapabilities,
  root: { path: 'rootfs' },
  mounts: kernelMounts(procOptions, ['nosuid']),
  maskedPaths: [...masked, ...maskedOfLate, '/proc/asound', '/sys/dev/block'].toSorted(),
  readonlyPaths: readonly,
};

/** `runc spec` of 1.5. */
export const runc: Flavour = {
  process: {
    terminal: true,
    args: ['sh'],
    env: [path, term],
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
  },
  capabilities: ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'],
  root: { path: 'rootfs', readonly: true },
  hostname: 'runc',
  mounts: kernelMounts(undefined, ['nosuid']),
  maskedPaths: [...masked, '/proc/asound'].toSorted(),
  readonlyPaths: readonly,
};

/** `podman create` of 5.8 with the containers.conf that comes with it. */
export const podman: Flavour = {
  process: { args: ['sh'], env: [path, term], umask: 0o022 },
  capabilities: defaultCapabilities,
  root: { path: 'rootfs' },
  mounts: kernelMounts(procOptions, ['nosuid', 'noexec']),
  maskedPaths: [...masked, ...maskedOfLate].toSorted(),
  readonlyPaths: ['/proc/asound', ...readonly],
  pidsLimit: 2048,
  sysctl: { 'net.ipv4.ping_group_range': '0 0' },
};

/** A container of a pod in CRI-O 1.37, with the paths that a kubelet asks for. */
export const crio: Flavour = {
  process: { args: ['sh'], env: [path, term] },
  capabilities: defaultCapabilities.filter((name) => name !== 'CAP_SETFCAP' && name !== 'CAP_SYS_CHROOT'),
  root: { path: 'rootfs' },
  mounts: kernelMounts(procOptions, ['nosuid']),
  maskedPaths: [...masked, ...maskedOfLate, '/proc/asound'].toSorted(),
  readonlyPaths: readonly,
  pidsLimit: -1,
};
