// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { processCapabilities, processRlimits } from '@lading/linux';
import type { Rlimit as RlimitSpec } from '@lading/oci-spec';
import type { Rlimit } from '../types/container-options.ts';

const may = 'CAP_SYS_RESOURCE';

/** Limits as far as this process may give them: without CAP_SYS_RESOURCE none above our own hard limit. */
export function rlimitsSpec(limits: readonly Rlimit[]): RlimitSpec[] {
  const own = processRlimits();
  const free = processCapabilities().effective.includes(may);
  return limits.map(({ type, soft, hard }) => {
    const upper = type.toUpperCase();
    const name = upper.startsWith('RLIMIT_') ? upper : `RLIMIT_${upper}`;
    const ours = own[name];
    if (ours === undefined) {
      throw new LadingError(Code.InvalidArgument, `${JSON.stringify(type)} is not a resource limit`);
    }
    // -1 is how command lines write "no limit".
    const wanted = (value: number): bigint =>
      value < 0 || !Number.isFinite(value) ? unlimited : BigInt(value);
    const most = free ? unlimited : BigInt(ours.hard);
    const clamped = (value: bigint): bigint => least(value, most);
    const hardest = clamped(wanted(hard));
    const softest = clamped(wanted(soft));
    return { type: name, soft: narrow(least(softest, hardest)), hard: narrow(hardest) };
  });
}

const unlimited = 0xffff_ffff_ffff_ffffn;

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function narrow(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** The nearest value that this process may set: without CAP_SYS_RESOURCE none below its own. */
export async function clampedOomScoreAdj(wanted: number): Promise<number> {
  const inRange = Math.max(-1000, Math.min(1000, Math.trunc(wanted)));
  if (processCapabilities().effective.includes(may)) return inRange;
  const own = Number((await readFile('/proc/self/oom_score_adj', 'utf8')).trim());
  return Math.max(inRange, own);
}
