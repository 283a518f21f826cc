// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { mendEarlyLineEnds } from './early-line-ends.ts';

async function through(chunks: readonly string[]): Promise<string[]> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  return Array.fromAsync(mendEarlyLineEnds(source()), (chunk) => Buffer.from(chunk).toString());
}

describe('early line ends', () => {
  it.each<[string, string[], string]>([
    ['lose the return that is too many', ['a\r\r\nb\r\r\n'], 'a\r\nb\r\n'],
    ['are over with the first right one', ['a\r\r\nb\r\nc\r\r\n'], 'a\r\nb\r\nc\r\r\n'],
    ['are over with the first bare line feed', ['a\nb\r\r\n'], 'a\nb\r\r\n'],
    ['keep returns inside of a line', ['10%\r20%\r\r30%\r\r\n'], '10%\r20%\r\r30%\r\n'],
    ['lose one of many', ['a\r\r\r\r\nb'], 'a\r\r\r\nb'],
    ['are found over chunks', ['a\r', '\r', '\nb\r\r', '\n', 'c\r\n', '\r\r\n'], 'a\r\nb\r\nc\r\n\r\r\n'],
    ['give a held return back', ['a\r\r', 'b'], 'a\r\rb'],
    ['give a held return back at the end', ['a\r\r'], 'a\r\r'],
    ['leave empty chunks empty', ['', '\r\r', '', '\n'], '\r\n'],
  ])('%s', async (_name, chunks, passed) => {
    expect((await through(chunks)).join('')).toBe(passed);
  });

  it('are passed on at once where nothing has to be held', async () => {
    expect(await through(['50%\r', '60%\r'])).toEqual(['50%\r', '60%\r']);
  });
});
