// SPDX-License-Identifier: Apache-2.0
import type { ChildProcess } from 'node:child_process';
import { openPseudoTerminal, type PseudoTerminal } from '@lading/linux';
import type { ExecFiles } from './exec-files.ts';
import { feed } from './feed.ts';
import type { ExecRequest } from './types.ts';

const wordsLimit = 8192;

/** A terminal for the runtime, which gives the process one of its own and carries bytes and sizes between them. */
export function openExecTerminal({ terminalSize }: ExecRequest): PseudoTerminal {
  const terminal = openPseudoTerminal();
  try {
    if (terminalSize !== undefined) terminal.resize(terminalSize);
    return terminal;
  } catch (error) {
    terminal.close();
    throw error;
  }
}

/** Moves all bytes. Returns what the runtime itself said when there was no process to say anything. */
export async function pumpTerminal(
  terminal: PseudoTerminal,
  child: ChildProcess,
  ended: Promise<unknown>,
  started: (files: ExecFiles) => Promise<boolean>,
  files: ExecFiles,
  request: ExecRequest,
): Promise<string> {
  terminal.closeSlave();
  const isStarted = started(files);
  isStarted.then(
    (yes) => {
      if (yes) request.onTerminal?.({ resize: (size) => resize(terminal, child, size) });
    },
    () => {},
  );
  const input =
    request.stdin === undefined
      ? undefined
      : feed(request.stdin, ended, async (chunk) => ((await isStarted) ? terminal.write(chunk) : false));
  let words = '';
  for await (const chunk of terminal.output) {
    if (await isStarted) await request.onStdout?.(chunk);
    else if (words.length < wordsLimit) words += Buffer.from(chunk).toString('utf8');
  }
  await ended;
  await input;
  return words.replaceAll('\r', '').trim();
}

/** It is not the runtime's controlling terminal: the kernel does not tell it of a new size. */
function resize(
  terminal: PseudoTerminal,
  child: ChildProcess,
  size: { columns: number; rows: number },
): void {
  terminal.resize(size);
  child.kill('SIGWINCH');
}
