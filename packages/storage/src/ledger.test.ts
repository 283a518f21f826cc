// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { lockFile } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ledger, openLedger } from './ledger.ts';
import { emptyRecord, imageFormat } from './record-json.ts';
import type { ImageRecord } from './records.ts';

let folder: string;
const path = (name: string): string => join(folder, name);
const created = '2026-01-01T00:00:00Z';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(): Ledger<ImageRecord> {
  return openLedger({
    lockPaths: [path('images.lock')],
    files: [
      { path: path('images.json') },
      { name: 'volatile', path: path('volatile-images.json'), durable: false },
    ],
    format: imageFormat,
  });
}

function record(id: string, ...names: string[]): ImageRecord {
  return {
    ...emptyRecord(id, created),
    names,
    namesHistory: [],
    digest: undefined,
    topLayer: undefined,
    mappedLayers: [],
    bigDataSizes: {},
    bigDataDigests: {},
  };
}

async function add(ledger: Ledger<ImageRecord>, added: ImageRecord): Promise<void> {
  await ledger.writing(undefined, (images) => images.save([...images.all, added]));
}

const idsOf = async (ledger: Ledger<ImageRecord>): Promise<string[]> =>
  (await ledger.read()).all.map(({ id }) => id);

describe('a ledger', () => {
  it('is empty without files, and with an empty one', async () => {
    expect(await idsOf(open())).toEqual([]);
    writeFileSync(path('images.json'), '');
    expect(await idsOf(open())).toEqual([]);
  });

  it('writes a compact list, mode 0600, and leaves no other file', async () => {
    await add(open(), record('a', 'x'));
    expect(readFileSync(path('images.json'), 'utf8')).toBe(
      `[{"id":"a","names":["x"],"created":"${created}"}]`,
    );
    expect(statSync(path('images.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['images.json', 'images.lock']);
  });

  it('leaves 64 new bytes in the lock file with each save', async () => {
    const ledger = open();
    await add(ledger, record('a'));
    const first = readFileSync(path('images.lock'));
    await add(ledger, record('b'));
    const second = readFileSync(path('images.lock'));
    expect([first.length, second.length]).toEqual([64, 64]);
    expect(second.equals(first)).toBe(false);
  });

  it('sees what another has written, and keeps what it has read while nobody writes', async () => {
    const one = open();
    const two = open();
    await add(one, record('a'));
    const before = (await two.read()).get('a');
    expect((await two.read()).get('a')).toBe(before);
    await add(one, record('b'));
    expect(await idsOf(two)).toEqual(['a', 'b']);
  });

  it('sees a file that was replaced without a new stamp', async () => {
    const ledger = open();
    await add(ledger, record('a'));
    writeFileSync(path('images.json'), `[{"id":"longer","created":"${created}"}]`);
    expect(await idsOf(ledger)).toEqual(['longer']);
  });

  it('loses nothing to many writers at once', async () => {
    const ledgers = [open(), open(), open()];
    const ids = Array.from({ length: 30 }, (_, index) => `id${index}`);
    await Promise.all(ids.map((id, index) => add(ledgers[index % 3] ?? open(), record(id))));
    expect((await idsOf(open())).sort()).toEqual(ids.sort());
  });

  it('finds by id and by name, and of two of one name the first', async () => {
    const ledger = open();
    await add(ledger, record('a', 'x', 'y'));
    await add(ledger, record('b', 'x'));
    const records = await ledger.read();
    expect([records.get('b')?.id, records.named('x')?.id, records.named('z')]).toEqual(['b', 'a', undefined]);
  });

  it('keeps the records of the second file there', async () => {
    writeFileSync(path('volatile-images.json'), `[{"id":"v","created":"${created}"}]`);
    const ledger = open();
    await add(ledger, record('a'));
    expect(await idsOf(ledger)).toEqual(['a', 'v']);
    await ledger.writing(undefined, (images) =>
      images.save(images.all.map((image) => ({ ...image, metadata: 'm' }))),
    );
    expect(readFileSync(path('images.json'), 'utf8')).toContain('"id":"a"');
    expect(readFileSync(path('volatile-images.json'), 'utf8')).toBe(
      `[{"id":"v","metadata":"m","created":"${created}"}]`,
    );
    await ledger.writing(undefined, (images) => images.save([]));
    expect(readFileSync(path('volatile-images.json'), 'utf8')).toBe('[]');
  });

  it('puts a new record into the second file when it is told to, once', async () => {
    const ledger = open();
    await add(ledger, record('a'));
    await ledger.writing(undefined, (images) =>
      images.save([...images.all, record('v')], { id: 'v', file: 'volatile' }),
    );
    await add(ledger, record('b'));
    expect(await idsOf(open())).toEqual(['a', 'b', 'v']);
    expect(readFileSync(path('images.json'), 'utf8')).not.toContain('"id":"v"');
  });

  it('changes nothing when the work fails', async () => {
    const ledger = open();
    await add(ledger, record('a'));
    await expect(ledger.writing(undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await idsOf(ledger)).toEqual(['a']);
  });

  const damages: [string, string, RegExp][] = [
    ['is cut off', '[{"id":"a"', /images\.json is no JSON/],
    ['is no list', '{"id":"a"}', /images\.json: expected a list of records, found an object/],
    ['has a record that is none', `[{"id":"a","created":"${created}"},{}]`, /images\.json: \[1\]\.id/],
  ];
  it.each(damages)('refuses a file that %s, and leaves it as it is', async (_name, text, message) => {
    writeFileSync(path('images.json'), text);
    const expected = { code: Code.DataLoss, message: expect.stringMatching(message) };
    await expect(open().read()).rejects.toMatchObject(expected);
    await expect(add(open(), record('b'))).rejects.toMatchObject(expected);
    expect(readFileSync(path('images.json'), 'utf8')).toBe(text);
  });

  it('waits for a lock as long as the signal lets it', async () => {
    using held = await lockFile(path('images.lock'), { mode: 'exclusive' });
    await expect(open().read(AbortSignal.timeout(20))).rejects.toMatchObject({
      code: expect.stringMatching(/deadline_exceeded|canceled/),
    });
    await expect(open().read(AbortSignal.abort())).rejects.toMatchObject({ code: Code.Canceled });
    held.release();
    expect(await idsOf(open())).toEqual([]);
  });

  it('is held up by no reader of another process', async () => {
    await add(open(), record('a'));
    using _held = await lockFile(path('images.lock'), { mode: 'shared' });
    expect(await idsOf(open())).toEqual(['a']);
  });
});
