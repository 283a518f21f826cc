// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createJsonReader, type JsonReader } from './json-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'lading-json-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'a.json');
const old = new Date(Date.now() - 60_000);

let reader: JsonReader;
beforeEach(() => {
  reader = createJsonReader();
});

/** Replaced, as records are: by another file. */
function put(value: unknown, at: Date = old): void {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  utimesSync(`${path}.new`, at, at);
  renameSync(`${path}.new`, path);
}

describe('a reader of JSON files', () => {
  it('reads a file once for as long as it stays', async () => {
    put({ n: 1 });
    const first = await reader.read(path);
    expect(first).toEqual({ n: 1 });
    expect(await reader.read(path)).toBe(first);
  });

  it('sees one that has taken its place, be it of the same age and size', async () => {
    put({ n: 1 });
    await reader.read(path);
    put({ n: 2 });
    expect(await reader.read(path)).toEqual({ n: 2 });
  });

  it('does not rely on a file that has just been written', async () => {
    put({ n: 1 }, new Date());
    const first = await reader.read(path);
    expect(await reader.read(path)).not.toBe(first);
  });

  it('sees that a file is gone, and that it is back', async () => {
    put({ n: 1 });
    await reader.read(path);
    rmSync(path);
    expect(await reader.read(path)).toBeUndefined();
    put({ n: 1 });
    expect(await reader.read(path)).toEqual({ n: 1 });
  });

  it('fails for what is no JSON each time', async () => {
    writeFileSync(path, '{');
    utimesSync(path, old, old);
    for (let i = 0; i < 2; i += 1)
      await expect(reader.read(path)).rejects.toMatchObject({ code: 'data_loss' });
    rmSync(path);
    await expect(reader.read(join(folder, 'no', 'such'))).resolves.toBeUndefined();
  });

  describe('of all files of a folder', () => {
    const age = (): void => utimesSync(folder, old, old);
    const name = basename(path, '.json');

    it('looks at the files once for as long as the folder stays', async () => {
      put({ n: 1 });
      writeFileSync(join(folder, 'x.json.1-0123456789ab.tmp'), '{');
      age();
      const first = await reader.readAll(folder);
      expect([...first]).toEqual([[name, { n: 1 }]]);
      expect(await reader.readAll(folder)).toBe(first);
    });

    it('sees what was added, replaced and removed', async () => {
      put({ n: 1 });
      age();
      await reader.readAll(folder);
      writeFileSync(join(folder, 'other.json'), '2');
      expect(new Map(await reader.readAll(folder))).toEqual(
        new Map<string, unknown>([
          [name, { n: 1 }],
          ['other', 2],
        ]),
      );
      put({ n: 3 });
      expect((await reader.readAll(folder)).get(name)).toEqual({ n: 3 });
      rmSync(path);
      expect([...(await reader.readAll(folder)).keys()]).toEqual(['other']);
    });

    it('does not rely on a folder that has just changed', async () => {
      put({ n: 1 });
      const first = await reader.readAll(folder);
      expect(await reader.readAll(folder)).not.toBe(first);
    });

    it('is none of a folder that is not there', async () => {
      expect(await reader.readAll(join(folder, 'none'))).toEqual(new Map());
    });
  });
});
