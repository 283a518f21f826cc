// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Code, LadingError } from '@lading/errors';
import { openPseudoTerminal, type PseudoTerminal } from '@lading/linux';
import { canceled, throwIfCanceled } from './abort.ts';
import type { Sink } from './attach-types.ts';
import { childEnvironment } from './child-environment.ts';
import { type ExecFiles, makeExecFiles } from './exec-files.ts';
import { feed } from './feed.ts';
import { killExec } from './kill-exec.ts';
import { leaveExec, watchKeys } from './leave-exec.ts';
import { pumpTerminal } from './pump-terminal.ts';
import { logArgs, type RuntimeCommand } from './runtime-command.ts';
import { runtimeError } from './runtime-error.ts';
import { lastLoggedError } from './runtime-log.ts';
import type { ExecRequest, ExecResult } from './types.ts';

const stderrLimit = 8192;
const pidPollMs = 5;
/** What a timer takes, some 25 days; with more it would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Runs a process through the runtime's exec, whose streams are those of the process. */
export async function execInContainer(
  command: RuntimeCommand,
  id: string,
  request: ExecRequest,
  onStarted: () => void = () => {},
): Promise<ExecResult> {
  const hasTerminal = request.process.terminal === true;
  if (hasTerminal && request.detach === true) {
    throw new LadingError(
      Code.InvalidArgument,
      'a detached process has nobody at its terminal; leave one of them out',
    );
  }
  throwIfCanceled(request.signal);
  const program = await command.path();
  using files = await makeExecFiles(command.work, request.process);
  const args = [...command.globalArgs, ...logArgs(files.log), 'exec'];
  args.push('--process', files.processFile, '--pid-file', files.pidFile);
  if (request.detach === true) args.push('--detach');
  const fds = request.fds ?? [];
  if (fds.length > 0) args.push('--preserve-fds', String(fds.length));
  using terminal = hasTerminal ? openPseudoTerminal() : undefined;
  const child = spawn(program, [...args, id], {
    env: childEnvironment(),
    stdio: [...stdioOf(request, terminal), ...fds],
    // The runtime passes signals on; Ctrl-C reaches the process by the caller's will only.
    detached: true,
  });
  terminal?.closeProcessEnd();
  const ended = once(child, 'exit').catch((error: unknown) => {
    throw LadingError.from(error, Code.Internal);
  });
  const started = processStarted(ended, files);
  started.then(onStarted, () => {}); // a fault is told by who waits for it
  return await watchOver({ child, ended, started, files }, id, request, terminal);
}

type Stdio = readonly ['ignore' | 'pipe' | number, 'ignore' | 'pipe' | number, 'ignore' | 'pipe'];

function stdioOf(request: ExecRequest, terminal: PseudoTerminal | undefined): Stdio {
  // A process that outlives the call must not hold our pipes, nor be held by them.
  if (request.detach === true) return ['ignore', 'ignore', 'ignore'];
  // The runtime joins its own terminal to that of the process; its complaints come by themselves.
  if (terminal !== undefined) return [terminal.processFd, terminal.processFd, 'pipe'];
  return [request.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'];
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  /** Whether there is a process: true as soon as its pid is known, false when the runtime ended without. */
  readonly started: Promise<boolean>;
  readonly files: ExecFiles;
}

async function watchOver(
  running: Running,
  id: string,
  request: ExecRequest,
  terminal: PseudoTerminal | undefined,
): Promise<ExecResult> {
  const { child, ended, started, files } = running;
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => {});
  const abort = () => request.signal && over.reject(canceled(request.signal));
  request.signal?.addEventListener('abort', abort);
  if (request.signal?.aborted) abort();
  const left = Promise.withResolvers<'left'>();
  const onDetach = (): void => left.resolve('left');
  const { timeoutMs } = request;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => over.reject(tooLate(id, timeoutMs)), Math.min(timeoutMs, longestTimerMs));
  try {
    const streams = Promise.all([
      pumpStreams(running, request, onDetach),
      terminal && pumpTerminal(terminal, child, ended, request, onDetach),
    ]);
    const end = await Promise.race([Promise.all([ended, streams]), left.promise, over.promise]);
    if (end === 'left') {
      // Until then the runtime reads our files.
      await started;
      await leaveExec(child, terminal);
      return { exitCode: 0, detached: true };
    }
    const [[exitCode, signal], [words]] = end;
    if (typeof exitCode === 'number' && (exitCode === 0 || files.pid() !== undefined)) {
      return { exitCode };
    }
    const reason = (await lastLoggedError(files.log)) ?? (words || `it was ended by ${String(signal)}`);
    throw runtimeError(reason, { verb: 'exec', id });
  } catch (error) {
    await killExec(child, ended, files);
    throw error;
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', abort);
    for (const stream of child.stdio) stream?.destroy();
  }
}

function tooLate(id: string, timeoutMs: number): LadingError {
  return new LadingError(
    Code.DeadlineExceeded,
    `command in container ${id} ran longer than ${timeoutMs} ms and was killed`,
    { reason: 'EXEC_TIMEOUT' },
  );
}

/** Moves all bytes. Returns the words on stderr that are the runtime's own: no process was there to say them. */
async function pumpStreams(
  { child, ended, started }: Running,
  request: ExecRequest,
  onDetach: () => void,
): Promise<string> {
  const { stdin, stdout, stderr } = child;
  const input = stdin && request.stdin ? pumpInput(request, stdin, ended, onDetach) : undefined;
  const [, words] = await Promise.all([
    stdout === null ? undefined : pumpOutput(stdout, request.onStdout),
    stderr === null ? '' : pumpStderr(stderr, started, request.onStderr),
    input,
  ]);
  return words;
}

async function pumpOutput(stream: Readable, sink: Sink | undefined): Promise<void> {
  for await (const chunk of stream) if (chunk instanceof Uint8Array) await sink?.(chunk);
}

/** The runtime's own complaints come the same way; they belong into an error, not into the output. */
async function pumpStderr(
  stream: Readable,
  started: Promise<boolean>,
  sink: Sink | undefined,
): Promise<string> {
  let words = '';
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue;
    if (await started) await sink?.(chunk);
    else if (words.length < stderrLimit) words += Buffer.from(chunk).toString('utf8');
  }
  return words;
}

async function processStarted(ended: Promise<unknown>, files: ExecFiles): Promise<boolean> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  ended.then(over, over);
  for (;;) {
    const last = isOver;
    if (files.pid() !== undefined) return true;
    if (last) return false;
    await new Promise((resolve) => setTimeout(resolve, pidPollMs));
  }
}

async function pumpInput(
  request: ExecRequest,
  stdin: Writable,
  ended: Promise<unknown>,
  onDetach: () => void,
): Promise<void> {
  // A process may close its stdin, or end, before it has read everything: no fault of ours or the source's.
  const closed = new Promise<void>((resolve) => {
    stdin.on('error', () => resolve());
    stdin.on('close', resolve);
  });
  const stop = Promise.race([ended, closed]);
  const keys = watchKeys(request, onDetach, async (chunk) => {
    if (stdin.destroyed) return false;
    if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain').catch(() => {}), stop.catch(() => {})]);
    return !stdin.destroyed;
  });
  if (request.stdin !== undefined && (await feed(request.stdin, stop, keys.pass)) === 'ended')
    await keys.rest();
  stdin.end();
}
