// SPDX-License-Identifier: Apache-2.0
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReadLogOptions, readLog } from './read-log.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-log-'));
  path = join(folder, 'ctr.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (second: number): string => `2026-11-23T22:56:${String(second).padStart(2, '0')}.826042415+00:00`;
const record = (second: number, stream: string, tag: string, text: string): string =>
  `${at(second)} ${stream} ${tag} ${text}\n`;

async function read(options: ReadLogOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of readLog(path, options)) {
    lines.push(`${entry.stream}${entry.partial ? '*' : ''} ${Buffer.from(entry.text).toString()}`);
  }
  return lines;
}

describe('readLog', () => {
  const cases: [string, string, ReadLogOptions, string[]][] = [
    [
      'gives lines in their order',
      record(1, 'stdout', 'F', 'a') + record(2, 'stderr', 'F', 'b'),
      {},
      ['stdout a', 'stderr b'],
    ],
    ['joins pieces', record(1, 'stdout', 'P', 'a') + record(1, 'stdout', 'F', 'b'), {}, ['stdout ab']],
    [
      'joins pieces of each stream apart',
      record(1, 'stdout', 'P', 'a') +
        record(1, 'stderr', 'P', 'x') +
        record(1, 'stdout', 'F', 'b') +
        record(1, 'stderr', 'F', 'y'),
      {},
      ['stdout ab', 'stderr xy'],
    ],
    ['gives a last line that was never ended', record(1, 'stdout', 'P', 'a'), {}, ['stdout* a']],
    ['keeps an empty line', record(1, 'stdout', 'F', ''), {}, ['stdout ']],
    ['takes an empty text without a space', `${at(1)} stdout F\n`, {}, ['stdout ']],
    [
      'keeps spaces and carriage returns of the text',
      record(1, 'stdout', 'F', ' a  b\r'),
      {},
      ['stdout  a  b\r'],
    ],
    ['reads tags after the first', `${at(1)} stdout P:x a\n${at(1)} stdout F:y b\n`, {}, ['stdout ab']],
    [
      'leaves a record out that is still being written',
      `${record(1, 'stdout', 'F', 'a')}${at(2)} stdout F hal`,
      {},
      ['stdout a'],
    ],
    [
      'passes over what is no record',
      `rubbish\n\n${'x'.repeat(3_000_000)}\n${at(1)} stdin F a\n${at(1)} stdout Q a\nnow stdout F a\n${record(1, 'stdout', 'F', 'b')}`,
      {},
      ['stdout b'],
    ],
    [
      'begins at a time',
      record(1, 'stdout', 'F', 'a') + record(5, 'stdout', 'F', 'b'),
      { since: new Date(at(3)) },
      ['stdout b'],
    ],
    [
      'ends at a time',
      record(1, 'stdout', 'F', 'a') + record(5, 'stdout', 'F', 'b'),
      { until: new Date(at(3)) },
      ['stdout a'],
    ],
    ['gives no line for a tail of 0', record(1, 'stdout', 'F', 'a'), { tail: 0 }, []],
    ['gives all for a tail longer than the log', record(1, 'stdout', 'F', 'a'), { tail: 9 }, ['stdout a']],
    [
      'counts a long line once for the tail',
      record(1, 'stdout', 'F', '0') +
        record(1, 'stdout', 'F', '1') +
        record(2, 'stdout', 'P', 'a') +
        record(2, 'stdout', 'P', 'b') +
        record(2, 'stdout', 'F', 'c'),
      { tail: 2 },
      ['stdout 1', 'stdout abc'],
    ],
    [
      'counts an unended last line for the tail',
      record(1, 'stdout', 'F', '1') + record(2, 'stdout', 'P', 'a') + record(2, 'stdout', 'P', 'b'),
      { tail: 1 },
      ['stdout* ab'],
    ],
  ];
  it.each(cases)('%s', async (_name, text, options, expected) => {
    await writeFile(path, text);
    expect(await read(options)).toEqual(expected);
  });

  it('gives nothing for a log that does not exist', async () => {
    expect(await read()).toEqual([]);
    expect(await read({ tail: 3 })).toEqual([]);
  });

  it.each([1, 2, 7, 1000, 2999])('finds the last %i of many lines across blocks', async (tail) => {
    const lines = Array.from({ length: 3000 }, (_, i) =>
      record(1, 'stdout', 'F', `${i} ${'y'.repeat(i % 200)}`),
    );
    await writeFile(path, lines.join(''));
    const found = await read({ tail });
    expect(found.length).toBe(tail);
    expect(found[0]?.split(' ')[1]).toBe(String(3000 - tail));
  });

  it('hands over a line without an end in bounded pieces', async () => {
    const piece = record(1, 'stdout', 'P', 'z'.repeat(8192));
    await writeFile(path, piece.repeat(400));
    const sizes: number[] = [];
    for await (const entry of readLog(path)) sizes.push(entry.text.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(400 * 8192);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024 + 8192);
  });
});

describe('following', () => {
  it('reads what is added, and ends after the last record', async () => {
    await writeFile(path, record(1, 'stdout', 'F', 'a'));
    let ended = false;
    const seen: string[] = [];
    for await (const entry of readLog(path, { follow: true, ended: async () => ended })) {
      seen.push(Buffer.from(entry.text).toString());
      if (seen.length === 1) await appendFile(path, record(2, 'stdout', 'F', 'b'));
      if (seen.length === 2) {
        await appendFile(path, record(3, 'stdout', 'F', 'c'));
        ended = true;
      }
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it.each(['renamed', 'cut'])('goes on in the new file when the log was %s', async (how) => {
    await writeFile(path, record(1, 'stdout', 'F', 'aaaaaaaaaaaaaaaaaaaa'));
    let ended = false;
    const seen: string[] = [];
    for await (const entry of readLog(path, { follow: true, ended: async () => ended })) {
      seen.push(Buffer.from(entry.text).toString());
      if (seen.length > 1) ended = true;
      else if (how === 'cut') {
        await truncate(path, 0);
        await appendFile(path, record(2, 'stdout', 'F', 'b'));
      } else {
        await writeFile(`${path}.tmp`, record(2, 'stdout', 'F', 'b'));
        await rename(path, `${path}.1`);
        await rename(`${path}.tmp`, path);
      }
    }
    expect(seen).toEqual(['aaaaaaaaaaaaaaaaaaaa', 'b']);
  });

  it('waits for a log that is still to come, and stops at an abort', async () => {
    const control = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const entry of readLog(path, { follow: true, signal: control.signal })) {
        seen.push(Buffer.from(entry.text).toString());
        control.abort();
      }
    })();
    await writeFile(path, record(1, 'stdout', 'F', 'a'));
    await expect(reading).rejects.toThrow();
    expect(seen).toEqual(['a']);
  });
});
