// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Environment } from '../environment.ts';
import { createProgress, type ProgressItem, parseProgressMode } from './progress.ts';
import { rateText } from './rate.ts';

function makeWorld(columns?: number): { environment: Environment; said: string[] } {
  const said: string[] = [];
  const environment: Environment = {
    stdin: (async function* () {})(),
    stdinIsTerminal: false,
    stdout: () => {
      throw new Error('progress is no result');
    },
    stderr: (text) => void said.push(String(text)),
    stdoutIsTerminal: false,
    stderrIsTerminal: columns !== undefined,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
    ...(columns === undefined
      ? {}
      : {
          terminal: { size: () => ({ columns, rows: 10 }), setRawMode: () => {}, onResize: () => () => {} },
        }),
  };
  return { environment, said };
}

const blob = (state: ProgressItem['state'], currentBytes: number, id = 'a'): ProgressItem => ({
  id,
  label: `Copying blob ${id}`,
  state,
  currentBytes,
  totalBytes: 10_000_000,
});

describe('plain progress', () => {
  it('has a line for each piece, and one every few seconds for all of them', () => {
    const { environment, said } = makeWorld();
    let nowMs = 0;
    const progress = createProgress(environment, { now: () => nowMs });
    progress.report(blob('running', 0));
    progress.report(blob('skipped', 10_000_000, 'b'));
    progress.report(blob('running', 1_000_000));
    nowMs = 5000;
    progress.report(blob('running', 5_000_000));
    progress.report(blob('done', 10_000_000));
    progress.say('Writing manifest');
    progress.end();
    expect(said).toEqual([
      'Copying blob a\n',
      'Copying blob b skipped: already exists\n',
      '15 MB of 20 MB (75%), 1 of 2 done, 3 MB/s, 2s left\n',
      'Writing manifest\n',
    ]);
  });

  it('lets nothing from outside steer the terminal', () => {
    const { environment, said } = makeWorld();
    createProgress(environment).say('a\u001b[2Jb\nc');
    expect(said).toEqual(['a\\x1b[2Jb c\n']);
  });
});

describe('progress on a terminal', () => {
  it('draws bars no wider than the terminal, and takes them away', () => {
    const { environment, said } = makeWorld(70);
    let nowMs = 0;
    const progress = createProgress(environment, { now: () => nowMs });
    progress.report(blob('running', 0));
    nowMs = 1000;
    progress.report(blob('running', 5_000_000));
    expect(said).toEqual([
      `Copying blob a [${' '.repeat(40)}] 0 B / 10 MB\n`,
      `\u001b[1A\u001b[JCopying blob a [===========>           ] 5 MB / 10 MB 5 MB/s, 1s left\n`,
    ]);
    progress.report(blob('done', 10_000_000));
    progress.report(blob('running', 10_000_000)); // late news of what has ended
    progress.end();
    expect(said.slice(2)).toEqual(['\u001b[1A\u001b[JCopying blob a done\n']);
  });

  it('has a bar for all pieces, without those that were there already', () => {
    const { environment, said } = makeWorld(70);
    let nowMs = 0;
    const progress = createProgress(environment, { now: () => nowMs });
    progress.report(blob('running', 0));
    progress.report(blob('skipped', 10_000_000, 'b'));
    nowMs = 1000;
    progress.report(blob('running', 5_000_000, 'c'));
    nowMs = 2000;
    progress.report(blob('done', 10_000_000));
    progress.end();
    expect(said.at(-2)).toBe(
      '\u001b[3A\u001b[JCopying blob a done\n' +
        'Copying blob c [===========>           ] 5 MB / 10 MB 5 MB/s, 1s left\n' +
        '1 of 2 done [================>      ] 15 MB / 20 MB 7.5 MB/s, 1s left\n',
    );
    expect(said.at(-1)).toBe('\u001b[2A\u001b[J');
  });

  it.each([1, 5, 20, 40, 200])('fits into %i columns', (columns) => {
    const { environment, said } = makeWorld(columns);
    const progress = createProgress(environment, { now: () => 0 });
    progress.report(blob('running', 123_456, 'sha256:4f2a'.repeat(6)));
    const [line = ''] = said;
    expect([...line.trimEnd()].length).toBeLessThan(Math.max(columns, 2));
  });

  it('draws ten times a second at most', () => {
    const { environment, said } = makeWorld(80);
    let nowMs = 0;
    const progress = createProgress(environment, { now: () => nowMs });
    for (nowMs = 0; nowMs < 1000; nowMs++) progress.report(blob('running', nowMs));
    expect(said).toHaveLength(10);
  });
});

it('as JSON is an object a line', () => {
  const { environment, said } = makeWorld();
  let nowMs = 0;
  const progress = createProgress(environment, { mode: 'json', now: () => nowMs });
  for (nowMs = 0; nowMs < 500; nowMs += 50) progress.report(blob('running', nowMs));
  progress.report(blob('done', 10_000_000));
  progress.say('Writing manifest');
  expect(said.map((line) => JSON.parse(line).currentBytes ?? JSON.parse(line).message)).toEqual([
    0,
    250,
    10_000_000,
    'Writing manifest',
  ]);
});

it('can be left out', () => {
  const { environment, said } = makeWorld();
  const progress = createProgress(environment, { mode: 'none' });
  progress.report(blob('done', 1));
  progress.say('x');
  progress.end();
  expect(said).toEqual([]);
});

it('has modes with names', () => {
  expect(parseProgressMode('tty')).toBe('tty');
  expect(() => parseProgressMode('fancy')).toThrow(
    'unknown progress "fancy": choose one of auto, tty, plain, json, none',
  );
});

describe('speed and time left', () => {
  it.each([
    [0, 100, 1000, ''],
    [50, 100, 400, ''],
    [1000, 1000, 1000, '1 kB/s'],
    [1_000_000, 61_000_000, 1000, '1 MB/s, 1m00s left'],
    [1_000_000, 8_000_000_000, 1000, '1 MB/s, 2h13m left'],
  ])('of %i bytes of %i after %i ms are %j', (current, total, ms, text) => {
    expect(rateText(current, total, ms)).toBe(text);
  });
});
