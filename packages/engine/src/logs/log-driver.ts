// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import type { ContainerOptions } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';

const journal = '/run/systemd/journal/socket';

/** @throws InvalidArgument, FailedPrecondition for a log that cannot be */
export function checkLogDriver({ logDriver, terminal }: ContainerOptions): void {
  if (logDriver === 'passthrough' && terminal) {
    throw new LadingError(
      Code.InvalidArgument,
      'the log driver passthrough hands streams on as they are: leave the terminal out',
    );
  }
  if (logDriver !== 'journald' || existsSync(journal)) return;
  throw new LadingError(
    Code.FailedPrecondition,
    `the log driver journald needs a journal, and nothing is at ${journal}: use k8s-file`,
    { reason: 'JOURNAL_MISSING' },
  );
}

/** @throws FailedPrecondition for one whose log is not in a file */
export function checkHasLog({ id, name, options: { logDriver = 'k8s-file' } }: ContainerRecord): void {
  if (logDriver === 'k8s-file') return;
  const hint = logDriver === 'journald' ? `: ask "journalctl CONTAINER_ID_FULL=${id}"` : '';
  throw new LadingError(
    Code.FailedPrecondition,
    `container ${name} uses the log driver ${logDriver}, of which no logs can be read${hint}`,
  );
}

/** @throws FailedPrecondition for one whose streams the monitor does not have */
export function checkHasStreams({ name, options: { logDriver } }: ContainerRecord): void {
  if (logDriver !== 'passthrough') return;
  throw new LadingError(
    Code.FailedPrecondition,
    `container ${name} uses the log driver passthrough: its streams are those of whoever started it`,
  );
}
