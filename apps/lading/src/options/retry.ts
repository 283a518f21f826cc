// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { PullOptions } from '@lading/engine';

/** `--retry` and `--retry-delay`; undefined where neither is given. */
export function readRetry(call: CommandCall): PullOptions['retry'] {
  const { flags } = call;
  if (!call.flags.has('retry')) return undefined;
  const delayMs = flags.durationMs('retry-delay');
  if (!flags.given('retry') && delayMs === undefined) return undefined;
  if (delayMs !== undefined && delayMs < 0) throw usageError('--retry-delay cannot be negative');
  return { attempts: (flags.int('retry') ?? 3) + 1, delayMs };
}
