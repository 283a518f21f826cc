// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { openPseudoTerminal } from '../src/index.ts';

async function runAt(script: string, use: (terminal: ReturnType<typeof openPseudoTerminal>) => void) {
  using terminal = openPseudoTerminal();
  const { processFd } = terminal;
  use(terminal);
  spawn('sh', ['-c', script], { stdio: [processFd, processFd, processFd] });
  terminal.closeProcessEnd();
  let text = '';
  for await (const chunk of terminal.output) text += Buffer.from(chunk).toString();
  return text;
}

it('passes all bytes both ways, and ends with the process', async () => {
  const input = `one\r\u0003${'x'.repeat(100_000)}`;
  const text = await runAt(`head -c ${input.length}`, (terminal) => void terminal.write(Buffer.from(input)));
  expect(text).toBe(input);
});

it('has the size that was set', async () => {
  expect(await runAt('stty size', (terminal) => terminal.resize({ columns: 91, rows: 31 }))).toBe(
    '31 91\r\n',
  );
});

it('a write that waits ends with the terminal', async () => {
  const terminal = openPseudoTerminal();
  const written = terminal.write(Buffer.alloc(1 << 20));
  terminal[Symbol.dispose]();
  await written;
  expect(() => terminal[Symbol.dispose]()).not.toThrow();
});
