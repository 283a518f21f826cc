// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { defaultDetachKeys, parseDetachKeys } from './detach-keys.ts';

describe('detach keys', () => {
  it.each([
    ['the usual ones', defaultDetachKeys, [0x10, 0x11]],
    ['none', '', []],
    ['letters as they are', 'a,B', [0x61, 0x42]],
    ['control with what is no letter', 'ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
  ])('are %s', (_name, text, bytes) => {
    expect([...parseDetachKeys(text)]).toEqual(bytes);
  });

  it.each([['ctrl-'], ['ctrl-pp'], ['ab'], [','], ['ctrl-p,'], ['é'], ['ctrl-1']])('refuse %j', (text) => {
    expect(() => parseDetachKeys(text)).toThrow('invalid detach keys');
  });
});
