// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { IdMapping } from './id-map.ts';

/** What all makers of layers take. */
export interface PackOptions {
  /** Later times are cut to this one, as SOURCE_DATE_EPOCH wants it. Default: none are cut. */
  readonly mtime?: Date | undefined;
  /** Default `second`: parts of a second need an extended header of 512 bytes or more an entry. */
  readonly timePrecision?: 'second' | 'nanosecond' | undefined;
  /** Owners in the archive are those that the container sees. Default: as they are on the disk. */
  readonly uidMap?: readonly IdMapping[] | undefined;
  readonly gidMap?: readonly IdMapping[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Cuts times (nanoseconds since 1970) to what the options want; those before 1970 become 1970. */
export function timeCutter({ mtime, timePrecision }: PackOptions): (timeNs: bigint) => bigint {
  if (mtime !== undefined && !(mtime.getTime() >= 0)) {
    throw new LadingError(Code.InvalidArgument, 'the option mtime must be a date of 1970 or later');
  }
  const latest = mtime === undefined ? undefined : BigInt(mtime.getTime()) * 1_000_000n;
  const unit = timePrecision === 'nanosecond' ? 1n : 1_000_000_000n;
  return (timeNs) => {
    if (timeNs < 0n) return 0n;
    const cut = latest !== undefined && timeNs > latest ? latest : timeNs;
    return unit === 1n ? cut : cut - (cut % unit);
  };
}
