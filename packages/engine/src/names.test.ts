// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { checkName, randomId, randomName } from './names.ts';

describe('names', () => {
  it('are two words that the rule of names allows', () => {
    for (let i = 0; i < 200; i += 1) {
      const name = randomName();
      expect(name).toMatch(/^[a-z]+_[a-z]+$/);
      checkName(name);
    }
  });

  it.each(['', '-a', '../x', 'a/b', 'a b', 'ü', 'x'.repeat(1025)])('refuses %j', (name) => {
    expect(() => checkName(name)).toThrow(/must match/);
  });

  it('gives ids of 64 hexadecimal digits whose short form is no number', () => {
    expect(randomId()).toMatch(/^[0-9a-f]{64}$/);
    expect(randomId().slice(0, 12)).toMatch(/[a-f]/);
  });
});
