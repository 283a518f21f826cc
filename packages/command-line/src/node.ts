// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
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
  /**
   * Ends the process without what Node does at its end: it waits for what V8 still compiles, and takes down what the
   * kernel takes down anyway. Called after the listeners of `exit`, where Node has left nothing to be put right. Default:
   * Node's own way.
   */
  readonly exitAtOnce?: ((code: number) => void) | undefined;
  /**
   * Called with the descriptor of stdin once it is in raw mode, for what Node leaves as it was: line ends of the output
   * become CR LF. Default: they do.
   */
  readonly afterRaw?: ((fd: number) => void) | undefined;
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
  const { failureCode = 1, outlivesReaders = false, exitAtOnce, afterRaw } = options;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') process.exit(failureCode);
    if (!outlivesReaders) process.exit(0);
  };
  const stdout = createOutput(1, fail);
  const stderr = createOutput(2, fail);
  process.exitCode = failureCode; // should it stop for want of anything to wait for
  const stdin = { isOpen: false };
  const environment = createEnvironment(stdin, stdout, stderr, failureCode, afterRaw);
  const exitCode = await program(process.argv.slice(2), environment);
  // What is written must still arrive.
  await stdout.flush();
  await stderr.flush();
  // Node undoes what its streams have made of pipes and terminals that others use too.
  if (exitAtOnce && !stdin.isOpen && !stdout.isStream() && !stderr.isStream())
    process.once('exit', exitAtOnce);
  // An open stdin must not hold the process once the program has ended.
  process.exit(exitCode);
}

interface Output {
  readonly isTerminal: boolean;
  readonly write: (data: string | Uint8Array) => Promise<void>;
  readonly flush: () => Promise<void>;
  /** Whether Node's own stream was needed. */
  readonly isStream: () => boolean;
}

/** Node's streams take longer to make than many a command: pipes and files, for which they wait too, do without. */
function createOutput(fd: 1 | 2, fail: (error: NodeJS.ErrnoException) => void): Output {
  let stream: NodeJS.WriteStream | undefined;
  const open = (): NodeJS.WriteStream => {
    stream ??= (fd === 1 ? process.stdout : process.stderr).on('error', fail);
    return stream;
  };
  const about = fstatSync(fd);
  const isNull = about.isCharacterDevice() && about.rdev >> 8 === 1; // as /dev/null and its like are
  let isDirect = about.isFIFO() || about.isFile() || isNull;
  /** What could not be written, as a reader is slow and somebody has told the pipe not to wait. */
  const writeDirectly = (bytes: Uint8Array): Uint8Array => {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(fd, bytes, at);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      isDirect = false;
      if (error.code !== 'EAGAIN') {
        fail(error);
        return noBytes;
      }
    }
    return bytes.subarray(at);
  };
  return {
    isTerminal: about.isCharacterDevice() && !isNull && open().isTTY === true,
    async write(data) {
      const left = isDirect ? writeDirectly(typeof data === 'string' ? Buffer.from(data) : data) : data;
      if (left.length === 0) return;
      const target = open();
      if (target.write(left) || target.destroyed) return;
      await once(target, 'drain').catch(() => undefined); // the stream's own listener knows what an error means
    },
    isStream: () => stream !== undefined,
    async flush() {
      if (stream?.writable) await new Promise<void>((resolve) => stream?.write('', () => resolve()));
    },
  };
}

const noBytes = new Uint8Array();

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function createEnvironment(
  stdin: { isOpen: boolean },
  stdout: Output,
  stderr: Output,
  failureCode: number,
  afterRaw: ProcessOptions['afterRaw'],
): Environment {
  const [, script = ''] = process.argv;
  return {
    // Opening stdin has effects of its own, so only who reads it does.
    get stdin() {
      stdin.isOpen = true;
      return process.stdin;
    },
    get stdinIsTerminal() {
      stdin.isOpen = true;
      return process.stdin.isTTY === true;
    },
    stdout: stdout.write,
    stderr: stderr.write,
    stdoutIsTerminal: stdout.isTerminal,
    stderrIsTerminal: stderr.isTerminal,
    env: process.env,
    cwd: process.cwd(),
    ...listenToSignals(failureCode),
    terminal: terminalWith(afterRaw),
    self: [process.execPath, ...process.execArgv, script],
  };
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

const terminalWith = (afterRaw: ProcessOptions['afterRaw']): Terminal => ({
  size: () => {
    // Bars are on stderr, which is a terminal where stdout goes into a pipe.
    const { columns, rows } = process.stdout.isTTY ? process.stdout : process.stderr;
    return columns > 0 && rows > 0 ? { columns, rows } : undefined;
  },
  setRawMode: (raw) => {
    process.stdin.setRawMode(raw);
    if (raw) afterRaw?.(0);
  },
  onResize: (listener) => {
    process.stdout.on('resize', listener);
    return () => process.stdout.off('resize', listener);
  },
});
