// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { createPrompter, type Environment } from './index.ts';

/** Types the keys at a terminal of 20 columns, and tells the screen and whether it was given back. */
function atTerminal(keys: readonly string[]): {
  environment: Environment;
  screen: () => string;
  raw: boolean[];
} {
  let screen = '';
  const raw: boolean[] = [];
  const write = (data: string | Uint8Array): void => {
    screen += data;
  };
  const environment: Environment = {
    stdin: (async function* () {
      for (const key of keys) yield new TextEncoder().encode(key);
    })(),
    stdinIsTerminal: true,
    stdout: write,
    stderr: write,
    stdoutIsTerminal: true,
    stderrIsTerminal: true,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
    terminal: {
      size: () => ({ columns: 20, rows: 5 }),
      setRawMode: (on) => raw.push(on),
      onResize: () => () => undefined,
    },
  };
  return { environment, screen: () => screen, raw };
}

const [up, down] = ['\x1b[A', '\x1b[B'];
const choices = ['one', 'two', 'three-with-a-name-that-is-too-long'];

describe('choose', () => {
  it.each([
    [['\r'], 'one'],
    [[down, '\r'], 'two'],
    [[down, down, down, '\n'], choices[2]],
    [[up, down, up, up, '\r'], 'one'],
    [['\x1b', '[', 'B', 'x', '\x1b[C', '\r'], 'two'],
    [['\x1bOB', 'j', 'k', '\r'], 'two'],
    [['jj\r', down], choices[2]],
  ])('takes what %j leads to', async (keys, expected) => {
    const { environment, raw } = atTerminal(keys);
    expect(await createPrompter(environment).choose('Which', choices)).toBe(expected);
    expect(raw).toEqual([true, false]);
  });

  it('marks one line of the list, and leaves the answer alone on the screen', async () => {
    const { environment, screen } = atTerminal([down, '\r']);
    await createPrompter(environment).choose('Which', choices);
    const plain = screen().replaceAll('\x1b[2K\r', '');
    const list = (one: string, two: string): string => `${one} one\r\n${two} two\r\n  three-with-a-name\r\n`;
    expect(plain).toBe(`Which:\r\n${list('>', ' ')}\x1b[3A${list(' ', '>')}\x1b[4A\x1b[JWhich: two\r\n`);
  });

  it.each([[['\x03']], [['\x04']], [[down]]])('is given up by %j and the end of stdin', async (keys) => {
    const { environment, raw } = atTerminal(keys);
    await expect(createPrompter(environment).choose('Which', choices)).rejects.toMatchObject({
      code: Code.Canceled,
    });
    expect(raw).toEqual([true, false]);
  });

  it('needs a terminal', async () => {
    const environment = { ...atTerminal(['\r']).environment, stdinIsTerminal: false };
    await expect(createPrompter(environment).choose('Which', choices)).rejects.toThrow(
      'Which: stdin is no terminal',
    );
  });
});
