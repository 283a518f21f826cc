// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import type { ContainerRecord } from '../types/containers.ts';

/** Somebody ended it on purpose: its policy does not bring it back, until somebody starts it. */
export async function noteStopped(context: Context, { id, options }: ContainerRecord): Promise<void> {
  if (options.restartPolicy === undefined) return;
  // A file of its own: to stop must not wait for the lock that a start holds.
  await mkdir(join(context.runDir, 'stopped'), { recursive: true, mode: 0o700 });
  await writeFile(noteOf(context, id), '');
}

export async function forgetStopped(context: Context, { id, options }: ContainerRecord): Promise<void> {
  if (options.restartPolicy !== undefined) await rm(noteOf(context, id), { force: true });
}

/** Whether the policy of a container that is cleaned up wants it to run again. */
export function wantsRestart(context: Context, record: ContainerRecord): boolean {
  const { exit, id, options, retries = 0 } = record;
  const policy = options.restartPolicy;
  if (policy === undefined || exit === undefined || record.error !== undefined) return false;
  if (existsSync(noteOf(context, id))) return false;
  if (policy.name !== 'on-failure') return true;
  return exit.exitCode !== 0 && (policy.maxRetries === undefined || retries < policy.maxRetries);
}

function noteOf(context: Context, id: string): string {
  return join(context.runDir, 'stopped', id);
}
