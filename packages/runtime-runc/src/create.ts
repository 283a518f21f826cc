// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { processStartTicks } from '@lading/linux';
import { exists, forgetContainer } from './exit-file.ts';
import { foldersOf } from './folders.ts';
import type { LiveProcess } from './live-process.ts';
import { startMonitor } from './monitor.ts';
import { writeMonitorNote } from './monitor-note.ts';
import type { RuntimeCommand } from './runtime-command.ts';
import { logArgs } from './runtime-command.ts';
import { runtimeError, runtimeHangs } from './runtime-error.ts';
import { lastLoggedError } from './runtime-log.ts';
import type { Created, CreateRequest } from './types.ts';

export interface CreateContext {
  readonly command: RuntimeCommand;
  /** Absolute path of the monitor. */
  readonly conmon: () => Promise<string>;
  readonly root: string;
  readonly exitDir: string;
  readonly monitorEnv: Readonly<Record<string, string>>;
  readonly systemdCgroup: boolean;
  /** A runtime that takes longer is killed. */
  readonly timeoutMs: number;
}

export async function createContainer(context: CreateContext, request: CreateRequest): Promise<Created> {
  const { id } = request;
  checkLogPath(request);
  const [runtime, program] = await Promise.all([context.command.path(), context.conmon()]);
  // Before anything is touched: the notes under this id would be those of another container.
  if (exists(join(context.root, id))) {
    throw new LadingError(Code.AlreadyExists, `container ${id} exists already in ${context.root}`, {
      reason: 'CONTAINER_EXISTS',
    });
  }
  const folders = foldersOf(context.exitDir, id);
  forgetContainer(folders);
  mkdirSync(folders.notes, { recursive: true, mode: 0o700 });
  let created: Created | undefined;
  const late = AbortSignal.timeout(context.timeoutMs);
  try {
    const { message, monitorPid } = await startMonitor({
      program,
      args: monitorArgs(context, runtime, request),
      bundle: request.bundle,
      conmonPidFile: request.conmonPidFile,
      cgroups: request.monitorCgroups ?? [],
      fds: request.fds ?? [],
      hasOurStreams: request.logDriver === 'passthrough',
      env: context.monitorEnv,
      signal: AbortSignal.any(request.signal === undefined ? [late] : [late, request.signal]),
    });
    if (message.kind === 'failed') {
      const words = (await lastLoggedError(folders.createLog)) ?? message.message;
      throw runtimeError(words, { verb: 'create', id });
    }
    created = { pid: message.pid, monitorPid };
    const [container, monitor] = [processOf(created.pid), processOf(monitorPid)];
    writeMonitorNote(folders.monitorFile, {
      container,
      monitor,
      logPath: request.logPath,
      ...(request.terminal && { terminal: true }),
    });
    return created;
  } catch (error) {
    // With streams of ours the monitor says no more than that it has failed.
    const words = request.logDriver === 'passthrough' ? await lastLoggedError(folders.createLog) : undefined;
    // An id that came into use meanwhile is another's container.
    if (!isTaken(error)) await context.command.run({ verb: 'delete', id }, ['--force', id]);
    forgetContainer(folders);
    const isLate = late.aborted && request.signal?.aborted !== true;
    if (isLate) throw runtimeHangs({ verb: 'create', id }, context.timeoutMs);
    throw words === undefined ? error : runtimeError(words, { verb: 'create', id });
  } finally {
    rmSync(folders.createLog, { force: true });
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof LadingError && error.reason === 'CONTAINER_EXISTS';
}

function processOf(pid: number): LiveProcess {
  const ticks = processStartTicks(pid);
  return { pid, ...(ticks !== undefined && { startTicks: ticks }) };
}

function isFile({ logDriver = 'k8s-file' }: CreateRequest): boolean {
  return logDriver === 'k8s-file';
}

function checkLogPath(request: CreateRequest): void {
  if (!isFile(request) || !request.logPath.includes(':')) return;
  throw new LadingError(
    Code.InvalidArgument,
    `log path ${request.logPath} holds a colon, at which the monitor would cut it`,
  );
}

function monitorArgs(context: CreateContext, runtime: string, request: CreateRequest): readonly string[] {
  const { id } = request;
  const folders = foldersOf(context.exitDir, id);
  const args = [
    ...['--api-version', '--cid', id, '--cuuid', id, '--name', request.name ?? id],
    ...['--runtime', runtime, '--bundle', request.bundle, '--full-attach'],
    ...['--container-pidfile', request.pidFile, '--conmon-pidfile', request.conmonPidFile],
    ...['--exit-dir', context.exitDir, '--persist-dir', folders.notes],
    ...['--log-path', isFile(request) ? `k8s-file:${request.logPath}` : (request.logDriver ?? '')],
    ...['--log-level', 'error'],
  ];
  if (request.logSizeMaxBytes !== undefined) args.push('--log-size-max', String(request.logSizeMaxBytes));
  if (request.timeoutMs !== undefined) args.push('--timeout', String(Math.ceil(request.timeoutMs / 1000)));
  if (request.stdin === true) args.push('--stdin');
  if (request.leaveStdinOpen === true) args.push('--leave-stdin-open');
  if (request.terminal === true) args.push('--terminal');
  if (context.systemdCgroup) args.push('--systemd-cgroup');
  if (request.logTag !== undefined && request.logDriver === 'journald') {
    args.push(`--log-tag=${request.logTag}`);
  }
  if (request.notifySocket !== undefined) args.push(`--sdnotify-socket=${request.notifySocket}`);
  if (request.fds !== undefined && request.fds.length > 0) {
    args.push(`--runtime-opt=--preserve-fds=${request.fds.length}`);
  }
  const words = [...context.command.globalArgs, ...logArgs(folders.createLog)];
  // As one word each: a value that starts with a dash would be read as conmon's own flag.
  args.push(...words.map((word) => `--runtime-arg=${word}`));
  const [exitProgram, ...exitArgs] = request.exitCommand ?? [];
  if (exitProgram !== undefined) args.push(`--exit-command=${exitProgram}`);
  args.push(...exitArgs.map((word) => `--exit-command-arg=${word}`));
  return args;
}
