// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keepLineEnds, openPseudoTerminal } from '../src/index.ts';

const firstOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  for await (const chunk of chunks) return Buffer.from(chunk).toString();
  return '';
};

it('leaves line ends as they are written', async () => {
  using terminal = openPseudoTerminal();
  writeSync(terminal.processFd, 'a\n');
  expect(await firstOf(terminal.output)).toBe('a\r\n');
  keepLineEnds(terminal.processFd);
  writeSync(terminal.processFd, 'b\n');
  expect(await firstOf(terminal.output)).toBe('b\n');
});

it('refuses what is no terminal', () => {
  const fd = openSync('/dev/null', 'r');
  try {
    expect(() => keepLineEnds(fd)).toThrow('for the mode of a terminal');
  } finally {
    closeSync(fd);
  }
});
