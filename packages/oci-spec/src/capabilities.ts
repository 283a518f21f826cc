// SPDX-License-Identifier: Apache-2.0

import { describe } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { withProcess } from './edit-process.ts';
import type { Spec } from './spec.ts';

/** The capabilities of Linux in the order of their numbers: the first is 0. */
export const capabilities: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE ' +
  'NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT ' +
  'SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE ' +
  'AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ ' +
  'PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

/** What a container has unless it is told otherwise: Podman's set. */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

export interface CapabilityChange {
  /** Names with or without `CAP_`, in any case; `ALL` is every available one. */
  readonly add?: readonly string[];
  /** As `add`; `ALL` is dropped first, so that what `add` names remains. */
  readonly drop?: readonly string[];
  /** What the process that calls the runtime can give. Others are left out of the result. Default all. */
  readonly available?: readonly string[];
}

/**
 * Changes the bounding, effective and permitted set by the rules of Podman's `--cap-add` and `--cap-drop`:
 * with `ALL` dropped only what is added remains, with `ALL` added all that is available but what is dropped.
 * Inheritable and ambient are emptied, as a program that changes its user would else keep them
 * (CVE-2022-24769).
 *
 * @throws LadingError `invalid_argument` for an unknown name, and for one that is both added and dropped
 */
export function withCapabilities(spec: Spec, change: CapabilityChange): Spec {
  const add = new Set((change.add ?? []).map(capabilityName));
  const drop = new Set((change.drop ?? []).map(capabilityName));
  const available = change.available ?? capabilities;
  const given = (wanted: (name: string) => boolean): Spec => setCapabilities(spec, available.filter(wanted));
  if (drop.has('ALL')) {
    if (add.has('ALL')) throw both('ALL');
    return given((name) => add.has(name));
  }
  if (add.has('ALL')) return given((name) => !drop.has(name));
  for (const name of add) if (drop.has(name)) throw both(name);
  const before = spec.process?.capabilities?.bounding ?? [];
  return given((name) => (before.includes(name) || add.has(name)) && !drop.has(name));
}

function both(name: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${name} is both added and dropped`);
}

/** Exactly these in the three sets, in the order of their numbers. */
export function setCapabilities(spec: Spec, names: readonly string[]): Spec {
  const sorted = names.toSorted((a, b) => capabilities.indexOf(a) - capabilities.indexOf(b));
  return withProcess(spec, { capabilities: { bounding: sorted, effective: sorted, permitted: sorted } });
}

function capabilityName(text: string): string {
  const upper = text.toUpperCase();
  if (upper === 'ALL') return upper;
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (capabilities.includes(name)) return name;
  throw new LadingError(Code.InvalidArgument, `${describe(text)} is not a capability: see capabilities(7)`);
}
