// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import type { FlagSpec } from '@lading/command-line';
import type { Kind } from './usage-words.ts';

type Offer = Pick<FlagSpec, 'values' | 'completes' | 'complete'>;

const file: Offer = { completes: 'file' };
const folder: Offer = { completes: 'folder' };
const pull: Offer = { values: ['always', 'missing', 'never', 'newer'] };
const signal: Offer = { values: Object.keys(constants.signals).map((name) => name.slice('SIG'.length)) };

const names = (kind: Kind): Offer => ({
  complete: async () => {
    const { completeKind } = await import('./complete-names.ts');
    return { complete: (call, word) => completeKind(kind, call, word) };
  },
});

/** What flags of these names take, whatever the command. */
const offers: ReadonlyMap<string, Offer> = new Map([
  ['authfile', file],
  ['cidfile', file],
  ['conmon', file],
  ['env-file', file],
  ['image-volume', { values: ['anonymous', 'ignore', 'tmpfs'] }],
  ['imagestore', folder],
  ['label-file', file],
  ['log-driver', { values: ['k8s-file', 'none'] }],
  ['log-level', { values: ['debug', 'info', 'warn', 'error'] }],
  ['network', names('NETWORK')],
  ['network-config-dir', folder],
  ['pidfile', file],
  ['pod', names('POD')],
  ['pod-id-file', file],
  ['policy', pull],
  ['pull', pull],
  ['restart', { values: ['always', 'no', 'on-failure', 'unless-stopped'] }],
  ['root', folder],
  ['runroot', folder],
  ['runtime', file],
  ['secret', names('SECRET')],
  ['signal', signal],
  ['stop-signal', signal],
  ['volume', file],
  ['volumes-from', names('CONTAINER')],
]);

/** The flags, with what the shell offers for their values where they do not say it themselves. */
export function withValues(flags: readonly FlagSpec[]): readonly FlagSpec[] {
  // `ps --pod` is another flag of that name.
  return flags.map((flag) => (flag.kind === 'boolean' ? flag : { ...offers.get(flag.name), ...flag }));
}
