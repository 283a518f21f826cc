// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetContainer, readExitFile, recordUnseenEnd } from './exit-file.ts';
import { foldersOf } from './folders.ts';
import { writeMonitorNote } from './monitor-note.ts';
import { waitForExit } from './wait-exit.ts';

let exitDir: string;
let child: ChildProcess;
const unknown = () => Promise.resolve(undefined);
const stopped = async () => ({ ociVersion: '1.0.2', id: 'c1', status: 'stopped', bundle: '/' });

beforeEach(async () => {
  exitDir = await mkdtemp(join(tmpdir(), 'lading-exit-'));
  child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
});

afterEach(async () => {
  child.kill('SIGKILL');
  await rm(exitDir, { recursive: true, force: true });
});

async function note(startTicks?: string): Promise<void> {
  const folders = foldersOf(exitDir, 'c1');
  await mkdir(folders.notes, { recursive: true });
  const process = { pid: child.pid ?? 0, ...(startTicks !== undefined && { startTicks }) };
  writeMonitorNote(folders.monitorFile, { container: process, monitor: process });
}

describe('waiting for an end', () => {
  it('returns an end that is recorded already', async () => {
    await writeFile(join(exitDir, 'c1'), '7');
    expect(await waitForExit(foldersOf(exitDir, 'c1'), unknown, {})).toMatchObject({
      exitCode: 7,
      oomKilled: false,
    });
  });

  it('sees the exit file being moved into place', async () => {
    await note();
    const waiting = waitForExit(foldersOf(exitDir, 'c1'), unknown, {});
    await writeFile(join(exitDir, 'c1.AB12CD'), '137');
    await rename(join(exitDir, 'c1.AB12CD'), join(exitDir, 'c1'));
    expect(await waiting).toMatchObject({ exitCode: 137 });
  });

  it('says 255 of an end that nobody saw, and says so again when asked later', async () => {
    await note();
    const waiting = waitForExit(foldersOf(exitDir, 'c1'), unknown, {});
    child.kill('SIGKILL');
    const status = await waiting;
    expect(status.exitCode).toBe(255);
    expect(await readExitFile(foldersOf(exitDir, 'c1'))).toEqual(status);
  });

  it('does not take another process that was given the same number for the monitor', async () => {
    await note('1');
    expect(await waitForExit(foldersOf(exitDir, 'c1'), unknown, {})).toMatchObject({ exitCode: 255 });
  });

  it('does not wait for a monitor that waits for this process, and has not written', async () => {
    const folders = foldersOf(exitDir, 'c1');
    await mkdir(folders.notes, { recursive: true });
    const gone = { pid: child.pid ?? 0, startTicks: '1' };
    writeMonitorNote(folders.monitorFile, { container: gone, monitor: { pid: process.ppid } });
    expect(await waitForExit(folders, unknown, {})).toMatchObject({ exitCode: 255 });
  });

  it('goes by the numbers that the caller has kept when the notes are lost', async () => {
    const pid = child.pid ?? 0;
    const waiting = waitForExit(foldersOf(exitDir, 'c1'), stopped, { pid, monitorPid: pid });
    await mkdir(foldersOf(exitDir, 'c1').notes, { recursive: true });
    child.kill('SIGKILL');
    expect(await waiting).toMatchObject({ exitCode: 255 });
  });

  it('records nothing of a container that was forgotten while it was waited for', async () => {
    await note();
    const folders = foldersOf(exitDir, 'c1');
    const pid = child.pid ?? 0;
    const waiting = waitForExit(folders, unknown, { pid, monitorPid: pid });
    forgetContainer(folders);
    child.kill('SIGKILL');
    await expect(waiting).rejects.toMatchObject({ code: Code.NotFound, reason: 'CONTAINER_UNKNOWN' });
    await recordUnseenEnd(folders);
    expect(await readdir(exitDir, { recursive: true })).toEqual(['.notes']);
  });

  it('asks the runtime when there is nothing else, and fails when that does not know it', async () => {
    await mkdir(foldersOf(exitDir, 'c1').notes, { recursive: true });
    expect(await waitForExit(foldersOf(exitDir, 'c1'), stopped, {})).toMatchObject({ exitCode: 255 });
    await expect(waitForExit(foldersOf(exitDir, 'c2'), unknown, {})).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'CONTAINER_UNKNOWN',
    });
  });

  it('tells of a kill for memory', async () => {
    await note();
    await writeFile(foldersOf(exitDir, 'c1').oomFile, '');
    await writeFile(join(exitDir, 'c1'), '137');
    expect(await readExitFile(foldersOf(exitDir, 'c1'))).toMatchObject({ exitCode: 137, oomKilled: true });
  });

  it('ends with the signal of the caller', async () => {
    await note();
    const waiting = waitForExit(foldersOf(exitDir, 'c1'), unknown, { signal: AbortSignal.timeout(10) });
    await expect(waiting).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  });

  it.each(['', 'x', '1 2', '99999999999'])('refuses an exit file that holds %j', async (text) => {
    await writeFile(join(exitDir, 'c1'), text);
    expect(() => readExitFile(foldersOf(exitDir, 'c1'))).toThrow(
      expect.objectContaining({ code: Code.DataLoss }),
    );
  });
});
