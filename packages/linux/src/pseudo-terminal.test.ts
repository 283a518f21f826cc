// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openPseudoTerminal, type PseudoTerminal } from './pseudo-terminal.ts';

const run = (terminal: PseudoTerminal, script: string) => {
  const { slave } = terminal;
  const child = spawn('sh', ['-c', script], { stdio: [slave, slave, slave] });
  terminal.closeSlave();
  return new Promise<number | null>((resolve) => child.once('exit', resolve));
};

async function textOf(terminal: PseudoTerminal): Promise<string> {
  let text = '';
  for await (const chunk of terminal.output) text += Buffer.from(chunk).toString();
  return text;
}

describe('a pseudo-terminal', () => {
  it('has the size that was set', async () => {
    using terminal = openPseudoTerminal();
    terminal.resize({ columns: 101, rows: 31 });
    const ended = run(terminal, 'stty size');
    expect(await textOf(terminal)).toBe('31 101\r\n');
    expect(await ended).toBe(0);
  });

  it('types what is written, echoes it, and ends with the last process', async () => {
    using terminal = openPseudoTerminal();
    run(terminal, 'read line; echo "got $line"');
    expect(await terminal.write(Buffer.from('word\n'))).toBe(true);
    expect(await textOf(terminal)).toBe('word\r\ngot word\r\n');
    expect(await terminal.write(Buffer.from('x'))).toBe(true);
  });

  it('carries a megabyte to a slow reader', async () => {
    using terminal = openPseudoTerminal();
    run(terminal, 'stty raw; seq 1 150000');
    let bytes = 0;
    for await (const chunk of terminal.output) {
      bytes += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(Array.from({ length: 150_000 }, (_, index) => `${index + 1}\n`).join('').length);
  });

  it('lets its reader go when it is closed, any number of times', async () => {
    const terminal = openPseudoTerminal();
    const text = textOf(terminal);
    terminal.close();
    terminal.close();
    expect(await text).toBe('');
    expect(await terminal.write(Buffer.from('x'))).toBe(false);
  });

  it.each([
    [0, 1],
    [1, -1],
    [1.5, 1],
    [70_000, 1],
  ])('refuses the size %sx%s', (columns, rows) => {
    using terminal = openPseudoTerminal();
    expect(() => terminal.resize({ columns, rows })).toThrow('cannot be');
  });
});
