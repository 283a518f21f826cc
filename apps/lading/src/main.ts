// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { Environment, Terminal } from '@lading/command-line';
import { runLading } from './index.ts';

const abort = new AbortController();
const listeners = new Set<(name: string) => void>();
const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

function onSignal(listener: (name: string) => void): () => void {
  listeners.add(listener);
  const end = forwarded.map((name) => {
    const handle = (): void => listener(name);
    process.on(name, handle);
    return () => process.off(name, handle);
  });
  return () => {
    listeners.delete(listener);
    for (const stop of end) stop();
  };
}

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (listeners.size > 0) return;
    // The second one ends a program that does not listen to the first.
    if (abort.signal.aborted) process.exit(125);
    abort.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
  });
}

async function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  if (data.length > 0 && !stream.write(data) && !stream.destroyed) await once(stream, 'drain');
}

// A reader that left (`lading ps | head -1`) is no failure of ours, and nothing can be told to it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 125));
}

const terminal: Terminal = {
  size: () => {
    const { columns, rows } = process.stdout;
    return columns > 0 && rows > 0 ? { columns, rows } : undefined;
  },
  setRawMode: (raw) => {
    process.stdin.setRawMode(raw);
  },
  onResize: (listener) => {
    process.stdout.on('resize', listener);
    return () => process.stdout.off('resize', listener);
  },
};

const [, script = ''] = process.argv;
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
  onSignal,
  terminal,
  self: [process.execPath, ...process.execArgv, script],
};

process.exitCode = await runLading(process.argv.slice(2), environment);
// An open stdin must not hold the program once the command has ended; what is written must still arrive.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
process.exit();
