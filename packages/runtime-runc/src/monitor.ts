// SPDX-License-Identifier: Apache-2.0
import { closeSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { makePipe, readPipe, type SpawnedProgram, spawnProgram, writePipe } from '@lading/linux';
import { canceled, throwIfCanceled } from './abort.ts';
import { childEnvironment } from './child-environment.ts';
import { oneLine } from './runtime-error.ts';
import { sendSignal } from './send-signal.ts';
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
  const [output, sync, start] = [makePipe(), makePipe(), makePipe()];
  const theirs = [output.writeEnd, sync.writeEnd, start.readEnd];
  let child: SpawnedProgram;
  try {
    child = spawnProgram(launch.program, {
      args: launch.args,
      // conmon 2.1 makes a file `oom` where it stands.
      cwd: launch.bundle,
      env: childEnvironment({
        ...launch.env,
        _OCI_SYNCPIPE: String(syncSlot),
        _OCI_STARTPIPE: String(startSlot),
      }),
      fds: [
        ...(launch.hasOurStreams ? [0, 1, 2] : [null, output.writeEnd, output.writeEnd]),
        ...launch.fds,
        sync.writeEnd,
        start.readEnd,
      ],
    });
  } catch (error) {
    for (const fd of [output.readEnd, sync.readEnd, start.writeEnd]) closeSync(fd);
    throw error;
  } finally {
    for (const fd of theirs) closeSync(fd);
  }
  const done = new AbortController();
  const said = readText(readPipe(output.readEnd, done));
  const word = readSyncMessage(readPipe(sync.readEnd, done));
  const aborted = Promise.withResolvers<never>();
  const abort = () => launch.signal && aborted.reject(canceled(launch.signal));
  launch.signal?.addEventListener('abort', abort);
  // All are waited for, whichever fails first.
  for (const promise of [said, word, child.ended, aborted.promise]) promise.catch(() => {});
  let isStarted = false;
  let isLeft = false;
  const leave = (): void => {
    isLeft = true;
  };
  void child.ended.then(leave, leave);
  try {
    for (const cgroup of launch.cgroups) await writeFile(join(cgroup, 'cgroup.procs'), String(child.pid));
    // It does nothing before this byte: what it starts is to be where it is. One that ends without tells why.
    isStarted = true;
    await writePipe(start.writeEnd, Buffer.from('\n'));
    const [{ exitCode }, message] = await Promise.race([Promise.all([child.ended, word]), aborted.promise]);
    if (exitCode !== 0 || message === undefined) {
      done.abort();
      throw new LadingError(
        Code.Internal,
        `monitor ${launch.program} failed (exit code ${String(exitCode)}): ${oneLine(await said)}`,
        { reason: 'MONITOR_FAILED' },
      );
    }
    return { message, monitorPid: message.kind === 'failed' ? 0 : monitorPidOf(launch) };
  } catch (error) {
    if (!isLeft) kill(child.pid);
    kill(readPid(launch.conmonPidFile));
    throw error;
  } finally {
    launch.signal?.removeEventListener('abort', abort);
    done.abort();
    if (!isStarted) closeSync(start.writeEnd);
  }
}

function monitorPidOf({ conmonPidFile }: MonitorLaunch): number {
  const pid = readPid(conmonPidFile);
  if (pid !== undefined) return pid;
  throw new LadingError(Code.Internal, `monitor wrote no pid to ${conmonPidFile}`, {
    reason: 'MONITOR_FAILED',
  });
}

async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    if (text.length < outputLimit) text += Buffer.from(chunk).toString('utf8');
  }
  return text;
}

/** What an earlier monitor left in the bundle would be in the way of this one, or be taken for its. */
function removeLeftovers(launch: MonitorLaunch): void {
  const names = ['attach', 'ctl', 'winsz', 'oom'].map((name) => join(launch.bundle, name));
  for (const path of [...names, launch.conmonPidFile]) rmSync(path, { force: true });
}

/** The runtime that it may be running is killed with it, by its parent-death signal. */
function kill(pid: number | undefined): void {
  if (pid !== undefined) sendSignal(pid, 'SIGKILL');
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
