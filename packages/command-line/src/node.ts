// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { Environment, Terminal } from './environment.ts';

/** Options of {@link runAsProcess}. */
export interface ProcessOptions {
  /** Exit code when a second signal ends the program, or its output cannot be written. Default: 1. */
  readonly failureCode?: number | undefined;
  /**
   * True for servers: they go on when the reader of their output has left. Otherwise that ends the program, with
   * 0: it is no failure of a command (`lading ps | head -1`). Default: false.
   */
  readonly outlivesReaders?: boolean | undefined;
}

const ends = ['SIGINT', 'SIGTERM'] as const;
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a program in the environment of this Node process and ends the process with the exit code that it
 * resolves to. The first SIGINT or SIGTERM aborts the environment's signal; a second one ends the process, unless
 * the program has taken signals over.
 */
export async function runAsProcess(
  program: (argv: readonly string[], environment: Environment) => Promise<number>,
  options: ProcessOptions = {},
): Promise<never> {
  const { failureCode = 1, outlivesReaders = false } = options;
  const output = [process.stdout, process.stderr];
  for (const stream of output) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exit(failureCode);
      if (!outlivesReaders) process.exit(0);
    });
  }
  const exitCode = await program(process.argv.slice(2), createEnvironment(failureCode));
  // What is written must still arrive.
  for (const stream of output) {
    if (!stream.writable) continue;
    await new Promise<void>((resolve) => {
      stream.write('', () => resolve());
    });
  }
  // An open stdin must not hold the process once the program has ended.
  process.exit(exitCode);
}

function createEnvironment(failureCode: number): Environment {
  const [, script = ''] = process.argv;
  return {
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
    ...listenToSignals(failureCode),
    terminal,
    self: [process.execPath, ...process.execArgv, script],
  };
}

async function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  if (data.length === 0 || stream.write(data) || stream.destroyed) return;
  await once(stream, 'drain').catch(() => undefined); // the stream's own listener knows what an error means
}

function listenToSignals(failureCode: number): Required<Pick<Environment, 'signal' | 'onSignal'>> {
  const abort = new AbortController();
  const listeners = new Set<(name: string) => void>();
  for (const name of ends) {
    process.on(name, () => {
      if (listeners.size > 0) return;
      // The second one ends a program that does not listen to the first.
      if (abort.signal.aborted) process.exit(failureCode);
      abort.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
    });
  }
  return {
    signal: abort.signal,
    onSignal(listener) {
      listeners.add(listener);
      const stops = forwarded.map((name) => {
        const handle = (): void => listener(name);
        process.on(name, handle);
        return () => process.off(name, handle);
      });
      return () => {
        listeners.delete(listener);
        for (const stop of stops) stop();
      };
    },
  };
}

const terminal: Terminal = {
  size: () => {
    // Bars are on stderr, which is a terminal where stdout goes into a pipe.
    const { columns, rows } = process.stdout.isTTY ? process.stdout : process.stderr;
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
