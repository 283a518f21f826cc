// SPDX-License-Identifier: Apache-2.0
import { readTail } from './read-tail.ts';

/**
 * The last error in a log that the runtime wrote with `--log-format json`; undefined when there is none.
 * Only the end of the file is read: in a verbose mode it can be of any size.
 */
export async function lastLoggedError(path: string): Promise<string | undefined> {
  for (const line of (await readTail(path)).split('\n').reverse()) {
    const entry = parseEntry(line);
    if (entry !== undefined && (entry.level === 'error' || entry.level === 'fatal')) return entry.msg;
  }
  return undefined;
}

function parseEntry(line: string): { level: string; msg: string } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('level' in value) || !('msg' in value))
      return undefined;
    const { level, msg } = value;
    return typeof level === 'string' && typeof msg === 'string' ? { level, msg } : undefined;
  } catch (error) {
    // The first line of the tail may be cut.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
