// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { makeNode, setTimes, setXattr } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyLayer, type Change, listChanges, packChanges } from '../src/index.ts';
import { bytesOf, namesOf } from './tar-names.ts';
import { treeOf } from './tree.ts';

let work = '';
let before = '';
let after = '';

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lading-changes-'));
  [before, after] = [join(work, 'before'), join(work, 'after')];
  mkdirSync(join(before, 'd/e'), { recursive: true });
  writeFileSync(join(before, 'd/e/file'), 'content');
  writeFileSync(join(before, 'd/other'), 'other');
  linkSync(join(before, 'd/other'), join(before, 'd/same'));
  symlinkSync('file', join(before, 'link'));
  makeNode(join(before, 'null'), { type: 'char', mode: 0o666, major: 1, minor: 3 });
  execFileSync('find', [before, '-exec', 'touch', '-h', '-d', '@1600000000', '{}', '+']);
  execFileSync('cp', ['-a', before, after]);
});
afterEach(() => rmSync(work, { recursive: true }));

const at = (name: string): string => join(after, name);

/** Sets the times back that a change of the test itself has moved. */
function quiet(...names: readonly string[]): void {
  for (const name of names) utimesSync(at(name), 1_600_000_000, 1_600_000_000);
}

async function listed(changes: AsyncIterable<Change>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { kind, path } of changes) found.push(`${kind} ${path}`);
  return found;
}

const insideD = ['modified /d', 'modified /d/e'];
const cases: readonly (readonly [string, () => void, readonly string[]])[] = [
  ['says nothing of trees that are the same', () => undefined, []],
  ['finds a new file', () => writeFileSync(at('d/new'), ''), ['modified /d', 'added /d/new']],
  [
    'lists what is in a new folder',
    () => {
      mkdirSync(at('n'));
      writeFileSync(at('n/f'), '');
    },
    ['added /n', 'added /n/f'],
  ],
  [
    'names a deleted folder alone',
    () => rmSync(at('d/e'), { recursive: true }),
    ['modified /d', 'deleted /d/e'],
  ],
  ['finds another mode', () => chmodSync(at('d/e/file'), 0o4755), [...insideD, 'modified /d/e/file']],
  ['finds another owner', () => chownSync(at('d/e/file'), 7, 8), [...insideD, 'modified /d/e/file']],
  ['finds another owner of a folder alone', () => chownSync(at('d/e'), 7, 8), insideD],
  ['finds another time', () => utimesSync(at('d/e/file'), 1, 1), [...insideD, 'modified /d/e/file']],
  [
    'takes a time without parts of a second for any in it',
    () => setTimes(at('d/e/file'), { atimeNs: 0n, mtimeNs: 1_600_000_000_500_000_000n }),
    [],
  ],
  [
    'finds other content of the same size and time',
    () => {
      writeFileSync(at('d/e/file'), 'CONTENT');
      quiet('d/e/file');
    },
    [...insideD, 'modified /d/e/file'],
  ],
  [
    'finds another extended attribute',
    () => setXattr(at('d/e/file'), 'user.a', Buffer.from('1')),
    [...insideD, 'modified /d/e/file'],
  ],
  [
    'does not look at attributes that belong to the machine',
    () => setXattr(at('d/e/file'), 'trusted.overlay.origin', Buffer.from('1')),
    [],
  ],
  [
    'finds another target of a link with the same time',
    () => {
      unlinkSync(at('link'));
      symlinkSync('flie', at('link'));
      execFileSync('touch', ['-h', '-d', '@1600000000', at('link')]);
    },
    ['modified /link'],
  ],
  [
    'finds another device number',
    () => {
      unlinkSync(at('null'));
      makeNode(at('null'), { type: 'char', mode: 0o666, major: 1, minor: 5 });
      quiet('null');
    },
    ['modified /null'],
  ],
  [
    'finds a file that became a folder',
    () => {
      unlinkSync(at('d/other'));
      mkdirSync(at('d/other'));
      writeFileSync(at('d/other/x'), '');
      quiet('d');
    },
    ['modified /d', 'modified /d/other', 'added /d/other/x'],
  ],
  [
    'finds a folder that became a link, and does not look below it',
    () => {
      rmSync(at('d/e'), { recursive: true });
      symlinkSync('.', at('d/e'));
    },
    ['modified /d', 'modified /d/e'],
  ],
  [
    'finds a new name',
    () => renameSync(at('d/e'), at('d/z')),
    ['modified /d', 'deleted /d/e', 'added /d/z', 'added /d/z/file'],
  ],
];

describe('listChanges', () => {
  it.each(cases)('%s', async (_name, change, expected) => {
    change();
    expect(await listed(listChanges(before, after))).toEqual(expected);
  });

  it('keeps names that are not UTF-8 as they are', async () => {
    writeFileSync(Buffer.concat([Buffer.from(at('x')), Buffer.from([0xff])]), '');
    for await (const { path, rawPath } of listChanges(before, after)) {
      expect(path).toBe('/x\ufffd');
      expect(rawPath).toEqual(Buffer.from([0x2f, 0x78, 0xff]));
    }
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    writeFileSync(at('a'), '');
    await expect(
      (async () => {
        for await (const _ of listChanges(before, after, { signal: stop.signal })) stop.abort();
      })(),
    ).rejects.toMatchObject({ code: 'canceled' });
  });

  it('says which folder is not there', async () => {
    await expect(listed(listChanges(join(work, 'none'), after))).rejects.toMatchObject({ code: 'not_found' });
    await expect(listed(listChanges(before, at('null')))).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('packChanges', () => {
  it.each(cases)('makes a layer that makes the one tree of the other: %s', async (_name, change) => {
    change();
    const layer = await bytesOf(packChanges(before, after, { timePrecision: 'nanosecond' }));
    await applyLayer(Readable.from([layer]), before, { whiteouts: 'remove' });
    expect(await listed(listChanges(before, after))).toEqual([]);
  });

  it('holds a file that got another name in place of one', async () => {
    renameSync(at('d/same'), at('d/third'));
    quiet('d/other');
    expect(await namesOf(packChanges(before, after))).toEqual(['d/', 'd/other', 'd/.wh.same', 'd/third']);
    await applyLayer(packChanges(before, after, { timePrecision: 'nanosecond' }), before, {
      whiteouts: 'remove',
    });
    expect(treeOf(before)).toEqual(treeOf(after));
  });

  it('holds a file that got another name', async () => {
    linkSync(at('d/other'), at('d/third'));
    expect(await namesOf(packChanges(before, after))).toEqual(['d/', 'd/other', 'd/same', 'd/third']);
    await applyLayer(packChanges(before, after), before, { whiteouts: 'remove' });
    const [first, ...links] = treeOf(join(before, 'd')).filter((line) => !line.startsWith('e'));
    expect(first).toMatch(/^other /);
    expect(links).toEqual(['same is other', 'third is other']);
  });

  it('says that a file is gone whose place a socket took', async () => {
    unlinkSync(at('d/other'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('d/other'), resolve));
    try {
      expect(await namesOf(packChanges(before, after))).toEqual(['d/', 'd/.wh.other', 'd/same']);
    } finally {
      server.close();
    }
  });

  it('refuses a file that would come out of the layer as a removal', async () => {
    writeFileSync(at('.wh.d'), '');
    await expect(bytesOf(packChanges(before, after))).rejects.toMatchObject({ reason: 'RESERVED_NAME' });
  });

  it('makes the same bytes of the same trees', async () => {
    chmodSync(at('d/e/file'), 0o600);
    rmSync(at('link'));
    const copy = join(work, 'copy');
    execFileSync('cp', ['-a', after, copy]);
    const first = await bytesOf(packChanges(before, after));
    expect((await bytesOf(packChanges(before, copy))).equals(first)).toBe(true);
  });
});
