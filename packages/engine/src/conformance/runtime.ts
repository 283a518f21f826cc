// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { encodeJson, type Spec } from '@lading/oci-spec';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProcessSpec, RuntimeHandler } from '../types/runtime-handler.ts';

/** A process, and what is known of how it ends. */
export interface RuntimeJob {
  readonly process: ProcessSpec;
  /** What it prints on stdout: one line, without its end. */
  readonly stdout: string;
  readonly exitCode: number;
}

/** A runtime to be tried, with folders of its own, which are empty at first. */
export interface RuntimeFixture {
  /** Opens the runtime on its folders, as each process that uses it does. */
  handler(): Promise<RuntimeHandler>;
  /** For bundles, logs and files of pids. */
  readonly folder: string;
  /** A spec whose root file system has what the processes need; its own process does not matter. */
  spec(): Promise<Spec>;
  /** Prints a line and ends by itself. */
  readonly ends: RuntimeJob;
  /** Goes on until it is killed. */
  readonly lasts: ProcessSpec;
  /** A command that the root file system has not. Default: one with a name that nobody would choose. */
  readonly missing?: ProcessSpec | undefined;
  dispose(): Promise<void>;
}

/** The cases that every {@link RuntimeHandler} is to pass. `start` is called for each case. */
export function runtimeConformance(name: string, start: () => Promise<RuntimeFixture>): void {
  describe(`${name}, as a runtime`, () => {
    const cleanup: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const action of cleanup.splice(0).reverse()) await action();
    });

    async function open() {
      const fixture = await start();
      cleanup.push(() => fixture.dispose());
      const handler = await fixture.handler();
      let count = 0;
      const request = async (process: ProcessSpec) => {
        const id = `c${count++}`;
        const bundle = join(fixture.folder, id);
        await mkdir(bundle);
        await writeFile(join(bundle, 'config.json'), encodeJson({ ...(await fixture.spec()), process }));
        const [pidFile, conmonPidFile] = [join(bundle, 'pid'), join(bundle, 'monitor-pid')];
        return { id, bundle, logPath: join(bundle, 'log'), pidFile, conmonPidFile };
      };
      const create = async (process: ProcessSpec) => {
        const asked = await request(process);
        cleanup.push(() => handler.delete(asked.id, { force: true }));
        return { ...asked, ...(await handler.create(asked)) };
      };
      return { ...fixture, again: fixture.handler, handler, request, create };
    }

    it('has a version, and features that are read or none', async () => {
      const { handler } = await open();
      expect(await handler.version()).toMatch(/\S/);
      expect(typeof ((await handler.features?.()) ?? {})).toBe('object');
    });

    it('makes a process that waits to be started, and tells how it ended', async () => {
      const { handler, create, ends } = await open();
      const { id, pid, monitorPid, logPath } = await create(ends.process);
      expect(existsSync(`/proc/${pid}`) && existsSync(`/proc/${monitorPid}`)).toBe(true);
      expect(await handler.state(id)).toMatchObject({ id, status: 'created', pid });
      expect(await handler.exitStatus(id)).toBeUndefined();
      await handler.start(id);
      const exit = await handler.waitExit(id, { pid, monitorPid });
      expect(exit).toMatchObject({ exitCode: ends.exitCode, oomKilled: false });
      expect(new Date(exit.finishedAt).toISOString()).toBe(exit.finishedAt);
      expect(await handler.waitExit(id, { pid, monitorPid })).toEqual(exit);
      expect(await handler.exitStatus(id)).toEqual(exit);
      expect(await readFile(logPath, 'utf8')).toMatch(/^\S+ stdout F (.*)\n/);
      expect(await readFile(logPath, 'utf8')).toContain(` stdout F ${ends.stdout}\n`);
      expect((await handler.state(id))?.status).toBe('stopped');
    });

    it('forgets a container when it is deleted, and its end when that is to be forgotten', async () => {
      const { handler, create, ends } = await open();
      const { id, pid, monitorPid } = await create(ends.process);
      await handler.start(id);
      const exit = await handler.waitExit(id, { pid, monitorPid });
      for (const _twice of [1, 2]) await handler.delete(id);
      expect(await handler.state(id)).toBeUndefined();
      expect(await handler.exitStatus(id)).toEqual(exit);
      for (const _twice of [1, 2]) await handler.forget(id);
      expect(await handler.exitStatus(id)).toBeUndefined();
    });

    it('keeps nothing in memory: another one on the same folders sees the same', async () => {
      const { handler, create, ends, again } = await open();
      const { id, pid, monitorPid } = await create(ends.process);
      const other = await again();
      expect((await other.state(id))?.status).toBe('created');
      const waiting = other.waitExit(id, { pid, monitorPid });
      await handler.start(id);
      expect((await waiting).exitCode).toBe(ends.exitCode);
      expect(await handler.exitStatus(id)).toEqual(await waiting);
    });

    it('refuses an id that is taken, and leaves its container alone', async () => {
      const { handler, create, request, lasts } = await open();
      const { id, pid } = await create(lasts);
      const another = await request(lasts);
      await expect(handler.create({ ...another, id })).rejects.toMatchObject({
        code: Code.AlreadyExists,
        reason: 'CONTAINER_EXISTS',
      });
      expect(await handler.state(id)).toMatchObject({ status: 'created', pid });
    });

    it('leaves nothing of a container whose command is missing', async () => {
      const { handler, request, lasts, missing } = await open();
      const asked = await request(missing ?? { ...lasts, args: ['no-such-command-anywhere'] });
      const made = (async () => {
        await handler.create(asked);
        await handler.start(asked.id); // some find out only now
      })();
      await expect(made).rejects.toMatchObject({ code: Code.NotFound, reason: 'COMMAND_NOT_FOUND' });
      await handler.delete(asked.id, { force: true });
      expect(await handler.state(asked.id)).toBeUndefined();
    });

    it('says of an id that it does not know that it does not', async () => {
      const { handler } = await open();
      const unknown = { code: Code.NotFound, reason: 'CONTAINER_UNKNOWN' };
      expect(await handler.state('nobody')).toBeUndefined();
      expect(await handler.exitStatus('nobody')).toBeUndefined();
      await handler.delete('nobody');
      await handler.delete('nobody', { force: true });
      await handler.forget('nobody');
      await expect(handler.start('nobody')).rejects.toMatchObject(unknown);
      await expect(handler.kill('nobody', 'TERM')).rejects.toMatchObject(unknown);
      await expect(handler.processes('nobody')).rejects.toMatchObject(unknown);
      await expect(handler.waitExit('nobody')).rejects.toMatchObject(unknown);
    });

    it('ends a process by a signal, and says when there is none any more', async () => {
      const { handler, create, lasts } = await open();
      const { id, pid, monitorPid } = await create(lasts);
      await handler.start(id);
      expect(await handler.processes(id)).toContain(pid);
      await expect(handler.kill(id, 'NOPE')).rejects.toMatchObject({ code: Code.InvalidArgument });
      await handler.kill(id, 'KILL');
      expect(await handler.waitExit(id, { pid, monitorPid })).toMatchObject({ exitCode: 137 });
      await expect(handler.kill(id, 9)).rejects.toMatchObject({ code: Code.FailedPrecondition });
    });

    it('deletes what runs only by force', async () => {
      const { handler, create, lasts } = await open();
      const { id, pid, monitorPid } = await create(lasts);
      await handler.start(id);
      await expect(handler.delete(id)).rejects.toMatchObject({ code: Code.FailedPrecondition });
      expect((await handler.state(id))?.status).toBe('running');
      await handler.delete(id, { force: true });
      expect(await handler.state(id)).toBeUndefined();
      expect((await handler.waitExit(id, { pid, monitorPid })).exitCode).toBe(137);
    });

    it('gives a wait up when it is told to', async () => {
      const { handler, create, lasts } = await open();
      const { id, pid, monitorPid } = await create(lasts);
      await handler.start(id);
      const stop = new AbortController();
      const waiting = handler.waitExit(id, { pid, monitorPid, signal: stop.signal });
      stop.abort();
      await expect(waiting).rejects.toMatchObject({ code: Code.Canceled });
      expect((await handler.state(id))?.status).toBe('running');
    });

    it('tells of ends as they come, where it tells at all', async () => {
      const { handler, create, ends } = await open();
      const told = Promise.withResolvers<string>();
      using _watch = handler.watchExits?.(told.resolve);
      const { id, pid, monitorPid } = await create(ends.process);
      await handler.start(id);
      await handler.waitExit(id, { pid, monitorPid });
      if (_watch !== undefined) expect(await told.promise).toBe(id);
    });

    it('runs further processes, with their output and exit code', async () => {
      const { handler, create, lasts, ends } = await open();
      const { id } = await create(lasts);
      await handler.start(id);
      const { process, exitCode, stdout } = ends;
      const result = await handler.execSync(id, { process });
      expect([Buffer.from(result.stdout).toString(), result.exitCode]).toEqual([`${stdout}\n`, exitCode]);
      expect((await handler.execSync(id, { process, limitBytes: 1 })).stdout).toHaveLength(1);
      const chunks: Uint8Array[] = [];
      const onStdout = (chunk: Uint8Array): void => void chunks.push(chunk);
      expect(await handler.exec(id, { process, onStdout })).toEqual({ exitCode });
      expect(Buffer.concat(chunks).toString()).toBe(`${stdout}\n`);
    });

    it('ends a further process when its time is over, or nobody waits', async () => {
      const { handler, create, lasts } = await open();
      const { id } = await create(lasts);
      await handler.start(id);
      await expect(handler.execSync(id, { process: lasts, timeoutMs: 200 })).rejects.toMatchObject({
        code: Code.DeadlineExceeded,
      });
      const signal = AbortSignal.abort();
      await expect(handler.exec(id, { process: lasts, signal })).rejects.toMatchObject({
        code: Code.Canceled,
      });
      expect((await handler.state(id))?.status).toBe('running');
    });

    it('stops all of a container, and lets it go on', async () => {
      const { handler, create, lasts } = await open();
      const { id } = await create(lasts);
      await handler.start(id);
      await handler.pause(id);
      expect((await handler.state(id))?.status).toBe('paused');
      await handler.resume(id);
      expect((await handler.state(id))?.status).toBe('running');
    });

    it('lets who attaches before the start see all output', async () => {
      const { handler, create, ends } = await open();
      const { id, bundle } = await create(ends.process);
      const chunks: Uint8Array[] = [];
      const stdout = (chunk: Uint8Array): void => void chunks.push(chunk);
      const attachment = await handler.attach(id, bundle, { stdout });
      await handler.start(id);
      expect(await attachment.done).toBe('ended');
      expect(Buffer.concat(chunks).toString()).toBe(`${ends.stdout}\n`);
    });
  });
}
