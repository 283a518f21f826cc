// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { Environment } from '@lading/command-line';
import { runLadingCopy } from './index.ts';

const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second one ends a program that does not listen to the first.
    if (abort.signal.aborted) process.exit(1);
    abort.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
  });
}

async function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  if (data.length > 0 && !stream.write(data) && !stream.destroyed) await once(stream, 'drain');
}

// A reader that left (`lading-copy inspect … | head -1`) is no failure of ours, and nothing can be told to it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

const environment: Environment = {
  // Opening stdin has effects of its own, so only who reads it does.
  get stdin() {
    return process.stdin;
  },
  get stdinIsTerminal() {
    return process.stdin.isTTY === true;
  },
  stdout: (data) => write(process.stdout, data),
  stderr: (data) => write(process.stderr, data),
  stdoutIsTerminal: process.stdout.isTTY === true,
  stderrIsTerminal: process.stderr.isTTY === true,
  env: process.env,
  cwd: process.cwd(),
  signal: abort.signal,
};

process.exitCode = await runLadingCopy(process.argv.slice(2), environment);
// An open stdin must not hold the program once the command has ended; what is written must still arrive.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
process.exit();
