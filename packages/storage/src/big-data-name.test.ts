// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { bigDataFileName } from './big-data-name.ts';

describe('the file name of an item of big data', () => {
  const cases: [key: string, name: string][] = [
    ['manifest', 'manifest'],
    ['instances.json', 'instances.json'],
    ['manifest-sha256:00', '=bWFuaWZlc3Qtc2hhMjU2OjAw'],
    ['sha256:ab', '=c2hhMjU2OmFi'],
    // The Go library stops looking at the last character, whatever it is.
    ['abc-', 'abc-'],
    ['X', 'X'],
    ['abc-d', '=YWJjLWQ='],
    ['aé', 'aé'],
    ['éa', '=w6lh'],
  ];
  it.each(cases)('of %j is %j', (key, name) => {
    expect(bigDataFileName(key)).toBe(name);
  });

  it.each(['', '.', '..', 'abc/', '/', 'a\0', 'ÿÿÿÿÿÿ'])('is refused for %j', (key) => {
    expect(() => bigDataFileName(key)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});
