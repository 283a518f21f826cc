// SPDX-License-Identifier: Apache-2.0
import type { Store } from '@lading/storage';
import { expect, it } from 'vitest';
import { createLayerMeter } from './layer-meter.ts';

function meterOver(): { meter: ReturnType<typeof createLayerMeter>; looks: string[]; open: () => void } {
  const looks: string[] = [];
  const gate = Promise.withResolvers<void>();
  const usage = async (id: string) => {
    looks.push(id);
    await gate.promise;
    return { bytes: looks.length, inodes: 1 };
  };
  const store = { layers: { usage } as Store['layers'] };
  return { meter: createLayerMeter(store, () => new Date(0)), looks, open: gate.resolve };
}

it('measures a layer once for all who ask at the same time, and not again so soon', async () => {
  const { meter, looks, open } = meterOver();
  const both = Promise.all([meter.measure('a', 'writable'), meter.measure('a', 'writable')]);
  open();
  const [first, second] = await both;
  expect(first).toEqual({ time: '1970-01-01T00:00:00.000Z', bytes: 1, inodes: 1 });
  expect(second).toEqual(first);
  expect(await meter.measure('a', 'writable')).toEqual(first);
  expect(looks).toEqual(['a']);
});

it('forgets layers that are gone', async () => {
  const { meter, looks, open } = meterOver();
  open();
  await meter.measure('a', 'fixed');
  await meter.measure('b', 'fixed');
  meter.keep(new Set(['b']));
  await meter.measure('a', 'fixed');
  await meter.measure('b', 'fixed');
  expect(looks).toEqual(['a', 'b', 'a']);
});
