// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import type { FlagSpec } from '@lading/command-line';

type Offer = Pick<FlagSpec, 'values' | 'completes'>;

const file: Offer = { completes: 'file' };
const folder: Offer = { completes: 'folder' };
const pull: Offer = { values: ['always', 'missing', 'never', 'newer'] };
const signal: Offer = { values: Object.keys(constants.signals).map((name) => name.slice('SIG'.length)) };

/** What flags of these names take, whatever the command. */
const offers: ReadonlyMap<string, Offer> = new Map([
  ['authfile', file],
  ['cidfile', file],
  ['conmon', file],
  ['env-file', file],
  ['image-volume', { values: ['bind', 'ignore', 'tmpfs'] }],
  ['imagestore', folder],
  ['label-file', file],
  ['log-driver', { values: ['k8s-file', 'none'] }],
  ['log-level', { values: ['debug', 'info', 'warn', 'error'] }],
  ['network-config-dir', folder],
  ['pidfile', file],
  ['pod-id-file', file],
  ['policy', pull],
  ['pull', pull],
  ['restart', { values: ['always', 'no', 'on-failure', 'unless-stopped'] }],
  ['root', folder],
  ['runroot', folder],
  ['runtime', file],
  ['signal', signal],
  ['stop-signal', signal],
  ['volume', file],
]);

/** The flags, with what the shell offers for their values where they do not say it themselves. */
export function withValues(flags: readonly FlagSpec[]): readonly FlagSpec[] {
  return flags.map((flag) => ({ ...offers.get(flag.name), ...flag }));
}
