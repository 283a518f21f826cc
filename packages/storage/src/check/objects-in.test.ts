// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { objectsIn } from './objects-in.ts';

const list = '[{"id":"a","flags":{"x":"}"}},{"id":"b\\"{"}]';

describe('the objects in a text', () => {
  it.each([
    ['that is whole', list, ['a', 'b"{']],
    ['whose end is cut off', list.slice(0, -4), ['a']],
    ['whose beginning was overwritten', `\0\0\0\0${list.slice(4)}`, ['b"{']],
    ['in which two writers met', list.slice(0, 20) + list, ['a', 'b"{']],
    ['that has none', 'nothing', []],
    ['that is full of braces', '{'.repeat(2000), []],
  ])('%s', (_name, text, ids) => {
    const found = objectsIn(text).flatMap((value) =>
      typeof value === 'object' && value !== null && 'id' in value ? [value.id] : [],
    );
    expect(found).toEqual(ids);
  });

  it('that is cut anywhere are a beginning of what was there', () => {
    const whole = objectsIn(list);
    for (let length = 0; length <= list.length; length += 1) {
      const ids = objectsIn(list.slice(0, length)).filter((value) => JSON.stringify(value).includes('"id"'));
      expect(ids).toEqual(whole.slice(0, ids.length));
    }
  });
});
