// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import type { NamespaceChoice, NamespaceOptions } from '@lading/engine';
import { quote } from '@lading/go-template';

const flagOf = { pid: 'pid', ipc: 'ipc', uts: 'uts', cgroup: 'cgroupns' } as const;
const kinds = ['pid', 'ipc', 'uts', 'cgroup'] as const;

/** `--pid`, `--ipc`, `--uts` and `--cgroupns`. */
export function readNamespaces(flags: Flags): NamespaceOptions {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const text = flags.string(flagOf[kind]) ?? '';
      return text === '' ? [] : [[kind, parseNamespace(flagOf[kind], text)]];
    }),
  );
}

/** One of them. */
export function parseNamespace(flag: string, text: string): NamespaceChoice {
  if (text === 'private' || text === 'host' || text === 'pod') return text;
  // An IPC namespace of one's own can always be joined by another container here.
  if (flag === 'ipc' && text === 'shareable') return 'private';
  if (text.startsWith('container:') && text.length > 10) return `container:${text.slice(10)}`;
  if (text.startsWith('ns:/')) return `ns:${text.slice(3)}`;
  throw usageError(`invalid --${flag} ${quote(text)}: use host, private, container:NAME or ns:PATH`);
}
