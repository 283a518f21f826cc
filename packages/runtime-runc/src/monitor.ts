// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { canceled, throwIfCanceled } from './abort.ts';
import { childEnvironment } from './child-environment.ts';
import { oneLine } from './runtime-error.ts';
import { readSyncMessage, type SyncMessage } from './sync-pipe.ts';

export interface MonitorLaunch {
  /** Absolute path of conmon. */
  readonly program: string;
  readonly args: readonly string[];
  readonly bundle: string;
  readonly conmonPidFile: string;
  readonly cgroups: readonly string[];
  /** Descriptors that it gets as 3 and on. */
  readonly fds: readonly number[];
  /** It has stdin, stdout and stderr of this process. */
  readonly hasOurStreams: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const outputLimit = 8192;

/**
 * Starts conmon and waits for its first word. The program forks: the process that we start ends at once, and
 * its child stays as the monitor, adopted by init. Whatever fails or aborts before its word kills both.
 */
export async function startMonitor(
  launch: MonitorLaunch,
): Promise<{ message: SyncMessage; monitorPid: number }> {
  throwIfCanceled(launch.signal);
  removeLeftovers(launch);
  // They come first, as the runtime counts them from 3.
  const [syncSlot, startSlot] = [3 + launch.fds.length, 4 + launch.fds.length];
  const child = spawn(launch.program, launch.args, {
    // conmon 2.1 makes a file `oom` where it stands.
    cwd: launch.bundle,
    detached: true,
    env: childEnvironment({
      ...launch.env,
      _OCI_SYNCPIPE: String(syncSlot),
      _OCI_STARTPIPE: String(startSlot),
    }),
    stdio: [
      ...(launch.hasOurStreams ? [0, 1, 2] : ['ignore' as const, 'pipe' as const, 'pipe' as const]),
      ...launch.fds,
      'pipe',
      'pipe',
    ],
  });
  const sync = pipeOf(child, syncSlot);
  const start = pipeOf(child, startSlot);
  const aborted = Promise.withResolvers<never>();
  const abort = () => launch.signal && aborted.reject(canceled(launch.signal));
  launch.signal?.addEventListener('abort', abort);
  try {
    return await Promise.race([converse(launch, child, sync, start), aborted.promise]);
  } catch (error) {
    kill(child, launch.conmonPidFile);
    throw error;
  } finally {
    launch.signal?.removeEventListener('abort', abort);
    for (const stream of [sync, start, child.stdout, child.stderr]) stream?.destroy();
  }
}

async function converse(
  launch: MonitorLaunch,
  child: ChildProcess,
  sync: Socket,
  start: Socket,
): Promise<{ message: SyncMessage; monitorPid: number }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Uint8Array) => {
      if (output.length < outputLimit) output += Buffer.from(chunk).toString('utf8');
    });
  }
  // A monitor that ends before it has read the byte tells why by its exit code.
  start.on('error', () => {});
  const left = once(child, 'exit').catch((error: unknown) => {
    throw LadingError.from(error, Code.Internal);
  });
  const said = readSyncMessage(sync);
  // Both are waited for, whichever fails first.
  const both = Promise.all([left, said]);
  both.catch(() => {});
  for (const cgroup of launch.cgroups) await writeFile(join(cgroup, 'cgroup.procs'), String(child.pid));
  start.end('\n');
  const [[exitCode], message] = await both;
  if (exitCode !== 0 || message === undefined) {
    throw new LadingError(
      Code.Internal,
      `monitor ${launch.program} failed (exit code ${String(exitCode)}): ${oneLine(output)}`,
      { reason: 'MONITOR_FAILED' },
    );
  }
  if (message.kind === 'failed') return { message, monitorPid: 0 };
  const monitorPid = readPid(launch.conmonPidFile);
  if (monitorPid === undefined) {
    throw new LadingError(Code.Internal, `monitor wrote no pid to ${launch.conmonPidFile}`, {
      reason: 'MONITOR_FAILED',
    });
  }
  return { message, monitorPid };
}

/** What an earlier monitor left in the bundle would be in the way of this one, or be taken for its. */
function removeLeftovers(launch: MonitorLaunch): void {
  const names = ['attach', 'ctl', 'winsz', 'oom'].map((name) => join(launch.bundle, name));
  for (const path of [...names, launch.conmonPidFile]) rmSync(path, { force: true });
}

/** The runtime that it may be running is killed with it, by its parent-death signal. */
function kill(child: ChildProcess, conmonPidFile: string): void {
  child.kill('SIGKILL');
  const pid = readPid(conmonPidFile);
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason !== 'ESRCH') throw failure;
  }
}

function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason === 'ENOENT') return undefined;
    throw failure;
  }
}

function pipeOf(child: ChildProcess, slot: number): Socket {
  const pipe = child.stdio[slot];
  if (pipe instanceof Socket) return pipe;
  // spawn makes no pipes when the program could not be started; its error event says why.
  throw new LadingError(Code.Internal, 'monitor has no pipe; could it not be started?');
}
