// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Environment } from './environment.ts';
import { usageError } from './usage-error.ts';

const up = ['\x1b[A', '\x1bOA', '\x10', 'k'];
const down = ['\x1b[B', '\x1bOB', '\x0e', 'j'];

/** Shows a list at a terminal, in which the arrow keys go up and down, until Enter takes the line that is marked. */
export async function selectOne(
  { terminal, stdinIsTerminal, stdout }: Environment,
  next: () => Promise<string | undefined>,
  question: string,
  choices: readonly string[],
): Promise<string> {
  if (!stdinIsTerminal || terminal === undefined) throw usageError(`${question}: stdin is no terminal`);
  const width = terminal.size()?.columns ?? 80;
  // A line that wraps would be two on the way back up.
  const line = (text: string): string => `\x1b[2K\r${text.slice(0, width - 1)}\r\n`;
  let marked = 0;
  const list = (): string => choices.map((one, i) => line(`${i === marked ? '>' : ' '} ${one}`)).join('');
  terminal.setRawMode(true);
  try {
    await stdout(line(`${question}:`) + list());
    for (;;) {
      const key = await nextKey(next);
      if (key === '\r' || key === '\n') break;
      if (key === undefined || key === '\x03' || key === '\x04') {
        throw new LadingError(Code.Canceled, `${question}: nothing was chosen`);
      }
      if (up.includes(key)) marked = Math.max(marked - 1, 0);
      if (down.includes(key)) marked = Math.min(marked + 1, choices.length - 1);
      await stdout(`\x1b[${choices.length}A${list()}`);
    }
    const chosen = choices[marked] ?? '';
    await stdout(`\x1b[${choices.length + 1}A\x1b[J${line(`${question}: ${chosen}`)}`);
    return chosen;
  } finally {
    terminal.setRawMode(false);
  }
}

/** A character, or the three of an arrow key. */
async function nextKey(next: () => Promise<string | undefined>): Promise<string | undefined> {
  const first = await next();
  if (first !== '\x1b') return first;
  const second = await next();
  return second === '[' || second === 'O' ? `\x1b${second}${await next()}` : second;
}
