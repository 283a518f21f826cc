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
 * @returns undefined for an empty line
 * @throws LadingError `data_loss` where it is none
 */
export function parseSplitLine(
  lines: Buffer,
  start: number,
  end: number,
  file: string,
): SplitLine | undefined {
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

function anyLine(text: string, file: string): SplitLine | undefined {
  if (/^\s*$/.test(text)) return undefined;
  let cause: unknown;
  try {
    const line = splitLineOf(JSON.parse(text));
    if (line !== undefined) return line;
  } catch (error) {
    cause = error;
  }
  throw new LadingError(Code.DataLoss, `${file} is not a tar-split file: a line is none of its lines`, {
    cause,
  });
}

/** To Go, which writes and reads these files, `null` and what is empty are the same as what is left out. */
function splitLineOf(line: unknown): SplitLine | undefined {
  if (typeof line !== 'object' || line === null) return undefined;
  const members: { [key in keyof SplitLine]?: unknown } = line;
  const { type, name, name_raw: raw, size, payload } = members;
  if (typeof type !== 'number' || !isSize(size ?? 0)) return undefined;
  if (!isText(name) || !isText(raw) || !isText(payload)) return undefined;
  return { type, name: name ?? '', name_raw: raw ?? '', size: Number(size ?? 0), payload: payload ?? null };
}

function isText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
