// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

async function exportsOf(file: string): Promise<ReadonlySet<string>> {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(','),
  );
  const own = [...text.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map(
    ([, name = '']) => name,
  );
  return new Set(
    [...lists, ...own].map((name) => name.replace('type ', '').trim()).filter((name) => name !== ''),
  );
}

it('a browser gets the same names as Node', async () => {
  const names = await exportsOf('./index.ts');
  expect(names.size).toBeGreaterThan(20);
  expect(await exportsOf('./browser.ts')).toEqual(names);
});
