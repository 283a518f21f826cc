// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import type { NamespaceChoice, PodOptions } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parseNamespace } from './namespaces.ts';

type Namespaces = NonNullable<PodOptions['namespaces']>;

const usual = ['ipc', 'net', 'uts'];

/** `--share` with `--pid` and `--uts`, which count for what is shared. */
export function readPodNamespaces(flags: Flags): Namespaces {
  const shared = readShared(flags);
  const [pid, uts] = [readPodNamespace(flags, 'pid'), readPodNamespace(flags, 'uts')];
  return {
    net: shared.has('net') ? 'pod' : 'private',
    ipc: shared.has('ipc') ? 'pod' : 'private',
    uts: shared.has('uts') ? uts : 'private',
    pid: shared.has('pid') ? pid : 'private',
  };
}

/** Of which namespace a pod's is, where containers share it: its own unless the flag has another. */
export function readPodNamespace(flags: Flags, flag: 'pid' | 'uts'): NamespaceChoice {
  const text = flags.string(flag) ?? '';
  const choice = text === '' ? 'pod' : parseNamespace(flag, text);
  return choice === 'private' ? 'pod' : choice;
}

/** False when there is to be no infra container: podman shares nothing then. */
export function hasInfra(flags: Flags): boolean {
  return !flags.has('infra') || flags.boolean('infra');
}

/** Kinds by name; `+KIND` is one more than usual. */
function readShared(flags: Flags): ReadonlySet<string> {
  const text = flags.given('share') ? (flags.string('share') ?? '') : hasInfra(flags) ? usual.join(',') : '';
  const words = text.split(',').filter((kind) => kind !== '' && kind !== 'none');
  const kinds = words.map((word) => word.replace(/^\+/, ''));
  for (const kind of kinds) {
    if (kind === 'mnt') throw usageError('mount sharing functionality not supported on pod level');
    if (kind === 'cgroup') {
      throw usageError('--share cgroup: containers have a control group each; use --cgroup-parent');
    }
    // That of the ids is shared whenever the pod has one.
    if (![...usual, 'pid', 'user'].includes(kind)) {
      throw usageError(`invalid kernel namespace to share: ${quote(kind)}: use ipc, net, pid, user and uts`);
    }
  }
  if (!hasInfra(flags) && kinds.length > 0) {
    throw usageError(`cannot set share(${kinds.join(',')}) namespaces without an infra container`);
  }
  return new Set(words.some((word) => word.startsWith('+')) ? [...usual, ...kinds] : kinds);
}
