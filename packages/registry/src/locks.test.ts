// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createLocks } from './locks.ts';

/** Work that ends when it is told to, and notes when it begins and ends. */
function steps() {
  const seen: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await new Promise<void>((resolve) => ends.set(name, resolve));
    seen.push(`${name} ends`);
  };
  return { seen, work, end: (name: string) => ends.get(name)?.() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('lets many share a name, and one have it alone, in the order in which they asked', async () => {
  const locks = createLocks();
  const { seen, work, end } = steps();
  const all = [
    locks.shared('a', work('1')),
    locks.shared('a', work('2')),
    locks.exclusive('a', work('3')),
    locks.shared('a', work('4')),
    locks.exclusive('b', work('other')),
  ];
  await settled();
  expect(seen).toEqual(['1 begins', '2 begins', 'other begins']);
  end('2');
  await settled();
  expect(seen.slice(3)).toEqual(['2 ends']);
  end('1');
  await settled();
  expect(seen.slice(4)).toEqual(['1 ends', '3 begins']);
  end('3');
  await settled();
  expect(seen.slice(6)).toEqual(['3 ends', '4 begins']);
  end('4');
  end('other');
  await Promise.all(all);
});

it('goes on after work that failed, and gives its failure to who asked for it', async () => {
  const locks = createLocks();
  const failed = locks.exclusive('a', () => Promise.reject(new Error('no')));
  const next = locks.shared('a', async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
  expect(await locks.exclusive('a', async () => 'again')).toBe('again');
});
