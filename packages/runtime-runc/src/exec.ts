// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { canceled, throwIfCanceled } from './abort.ts';
import { type ExecFiles, makeExecFiles } from './exec-files.ts';
import { type ExecProcess, startExec } from './exec-process.ts';
import { pumpStreams } from './exec-streams.ts';
import { killExec } from './kill-exec.ts';
import { leaveExec } from './leave-exec.ts';
import { logArgs, type RuntimeCommand } from './runtime-command.ts';
import { runtimeError } from './runtime-error.ts';
import { lastLoggedError } from './runtime-log.ts';
import type { ExecRequest, ExecResult } from './types.ts';

const pidPollMs = 5;
/** What a timer takes, some 25 days; with more it would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Runs a process through the runtime's exec, whose streams are those of the process.
 *
 * @param onStarted called as soon as there is a process, or the runtime has ended without
 */
export async function execInContainer(
  command: RuntimeCommand,
  id: string,
  request: ExecRequest,
  onStarted: () => void = () => {},
): Promise<ExecResult> {
  if (request.process.terminal === true && request.detach === true) {
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
  using process = startExec(program, [...args, id], request);
  const started = processStarted(process, files);
  started.then(onStarted, () => {}); // a fault is told by who waits for it
  return await watchOver(process, started, files, id, request);
}

async function watchOver(
  process: ExecProcess,
  started: Promise<boolean>,
  files: ExecFiles,
  id: string,
  request: ExecRequest,
): Promise<ExecResult> {
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
    const streams = pumpStreams(process, started, request, onDetach);
    const end = await Promise.race([Promise.all([process.ended, streams]), left.promise, over.promise]);
    if (end === 'left') {
      // Until then the runtime reads our files.
      await started;
      leaveExec(process);
      return { exitCode: 0, detached: true };
    }
    const [{ exitCode, signal }, words] = end;
    if (exitCode !== null && (exitCode === 0 || files.pid() !== undefined)) return { exitCode };
    const reason = (await lastLoggedError(files.log)) ?? (words || `it was ended by signal ${signal}`);
    throw runtimeError(reason, { verb: 'exec', id });
  } catch (error) {
    await killExec(process, files);
    throw error;
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', abort);
  }
}

function tooLate(id: string, timeoutMs: number): LadingError {
  return new LadingError(
    Code.DeadlineExceeded,
    `command in container ${id} ran longer than ${timeoutMs} ms and was killed`,
    { reason: 'EXEC_TIMEOUT' },
  );
}

/** Whether there is a process: true as soon as its pid is known, false when the runtime ended without. */
async function processStarted(process: ExecProcess, files: ExecFiles): Promise<boolean> {
  for (;;) {
    const isLast = process.isOver();
    if (files.pid() !== undefined) return true;
    if (isLast) return false;
    await new Promise((resolve) => setTimeout(resolve, pidPollMs));
  }
}
