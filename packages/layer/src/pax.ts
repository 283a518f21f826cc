// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** The records of a pax header by key; values are bytes, since paths and attributes need not be text. */
export type PaxRecords = ReadonlyMap<string, Buffer>;

/** Keys of extended attributes begin with this, as star and GNU tar write them. */
export const xattrPrefix = 'SCHILY.xattr.';
/** Or with this, as libarchive writes them too: the name is URL encoded, the value is base64. */
export const libarchiveXattrPrefix = 'LIBARCHIVE.xattr.';

/**
 * Reads "LENGTH KEY=VALUE\n" records. @see pax(1) "pax Extended Header"
 *
 * @throws LadingError `invalid_argument`
 */
export function parsePax(body: Buffer): PaxRecords {
  const records = new Map<string, Buffer>();
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const blank = body.indexOf(0x20, at);
    const lengthText = blank === -1 || blank - at > 10 ? '' : body.toString('latin1', at, blank);
    const end = at + Number(/^\d+$/.test(lengthText) ? lengthText : 0);
    const equals = body.indexOf(0x3d, blank);
    if (end <= blank || end > body.length || body[end - 1] !== 0x0a || equals === -1 || equals >= end) {
      throw unreadable();
    }
    const key = body.toString('utf8', blank + 1, equals);
    if (key === '' || key.includes('\0')) throw unreadable();
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      // The one key that may stand several times: in the oldest form of sparse files, for each piece.
      if ((pieces.length % 2 === 0) !== (key === 'GNU.sparse.offset')) throw unreadable();
      pieces.push(body.subarray(equals + 1, end - 1));
      at = end;
      continue;
    }
    // A record without value takes an earlier one back; an extended attribute may be empty.
    if (equals + 2 === end && !key.startsWith(xattrPrefix)) records.delete(key);
    else records.set(key, Buffer.from(body.subarray(equals + 1, end - 1)));
    at = end;
  }
  if (pieces.length > 0) records.set('GNU.sparse.map', Buffer.from(pieces.join(',')));
  return records;
}

function unreadable(): LadingError {
  return new LadingError(Code.InvalidArgument, 'tar: a pax header has an unreadable record', {
    reason: 'TAR_PAX',
  });
}

/** One record; its length counts its own digits too. */
export function paxRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
