// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';
import type { Side } from './side.ts';

/** What to try, by the reason of an error. Errors whose own message says it have no entry. */
const advice: Readonly<Record<Side, Readonly<Record<string, string>>>> = {
  source: {
    ENOENT: 'check the path',
    ENOTDIR: 'check the path',
    LAYOUT_UNKNOWN: 'check the path',
    ARCHIVE_INVALID: 'check what kind of archive it is',
    BLOB_UNKNOWN: 'the source is not complete: fetch or make it anew',
    TRUNCATED: 'the source is damaged: fetch or make it anew',
    SIZE_MISMATCH: 'the source is damaged: fetch or make it anew',
    DIGEST_MISMATCH: 'the source is damaged: fetch or make it anew',
  },
  destination: {
    ENOENT: 'check the path',
    ENOTDIR: 'a file is where a folder has to be: name another place',
    EEXIST: 'a file is where a folder has to be: name another place',
    EROFS: 'it cannot be written to: name another place',
  },
};

const ofBoth: Readonly<Record<string, string>> = {
  EACCES: 'check who may do that',
  EPERM: 'check who may do that',
  ENOSPC: 'make room, and try again',
  ECONNREFUSED: 'nothing listens there: check the host and the port',
  ENOTFOUND: 'check the name of the host',
  MANIFEST_UNKNOWN: 'check the name and the tag',
  NAME_UNKNOWN: 'check the name',
};

export function adviceFor(side: Side, { reason = '', message }: LadingError): string | undefined {
  const found = [advice[side], ofBoth].find((table) => Object.hasOwn(table, reason))?.[reason];
  // What asks a question says what to look for.
  return found === undefined || message.endsWith('?') ? undefined : found;
}
