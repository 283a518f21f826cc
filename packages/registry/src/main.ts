// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Environment, runProgram } from '@lading/command-line';
import { registryProgram } from './program.ts';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const abort = new AbortController();
const listeners = new Set<(name: string) => void>();

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    for (const listener of listeners) listener(name);
    if (listeners.size > 0) return;
    // The second one ends a program that does not listen to the first.
    if (abort.signal.aborted) process.exit(1);
    abort.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
  });
}

async function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  if (data.length === 0 || stream.write(data) || stream.destroyed) return;
  await once(stream, 'drain').catch(() => undefined); // a reader that leaves meanwhile: see below
}

// A server goes on when the reader of its log has left (`lading-registry serve | head -1`); nothing can be told to it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(1);
  });
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
  onSignal(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

process.exitCode = await runProgram(registryProgram(version), process.argv.slice(2), environment);
// What is written must still arrive, and nothing else may hold the program once the command has ended.
for (const stream of [process.stdout, process.stderr]) {
  if (stream.writable) await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
process.exit();
