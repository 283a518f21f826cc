// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** A line of a tar-split file. */
export interface SplitLine {
  /** 1: a member of the archive; 2: bytes that stand before, between or after the contents of members. */
  readonly type: number;
  readonly name?: string;
  /** In base64: a name that is no UTF-8. */
  readonly name_raw?: string;
  readonly size?: number;
  /** In base64: the bytes, or the checksum of the content. */
  readonly payload: string | null;
}

/** How the Go tools begin and end a line of bytes. */
const [headBytes, tail] = [Buffer.from('{"type":2,"payload":"'), /^","position":\d+\}$/];

const quote = 0x22;

/**
 * Reads the line from `start` to `end` of some lines. Half of all lines are headers, nearly all of their bytes are the
 * payload, and taking it out as it stands is a third of the work that JSON would be.
 *
 * @param file names it in the error
 * @throws LadingError `data_loss` where it is none
 */
export function parseSplitLine(lines: Buffer, start: number, end: number, file: string): SplitLine {
  return headerLine(lines, start, end) ?? anyLine(lines.toString('utf8', start, end), file);
}

function headerLine(lines: Buffer, start: number, end: number): SplitLine | undefined {
  const from = start + headBytes.length;
  if (from >= end || lines.compare(headBytes, 0, headBytes.length, start, from) !== 0) return undefined;
  const to = lines.indexOf(quote, from);
  if (to === -1 || to >= end || !tail.test(lines.toString('latin1', to, end))) return undefined;
  const payload = lines.toString('latin1', from, to);
  return payload.includes('\\') ? undefined : { type: 2, payload };
}

function anyLine(text: string, file: string): SplitLine {
  let cause: unknown;
  try {
    const line: unknown = JSON.parse(text);
    if (isSplitLine(line)) return line;
  } catch (error) {
    cause = error;
  }
  throw new LadingError(Code.DataLoss, `${file} is not a tar-split file: a line is none of its lines`, {
    cause,
  });
}

function isSplitLine(line: unknown): line is SplitLine {
  if (typeof line !== 'object' || line === null || !('type' in line)) return false;
  const { name, name_raw: raw, size, payload = null }: { [key in keyof SplitLine]?: unknown } = line;
  return (
    typeof line.type === 'number' &&
    [name, raw].every((member) => member === undefined || typeof member === 'string') &&
    (size === undefined || (Number.isSafeInteger(size) && Number(size) >= 0)) &&
    (payload === null || typeof payload === 'string')
  );
}
