// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Process, parseSpec, type Spec } from '@lading/oci-spec';
import { type Created, type CreateRequest, createRuncRuntime, type RuncRuntime } from '../src/index.ts';

const run = promisify(execFile);
const busybox = '/bin/busybox';
const applets = ['cat', 'head', 'ls', 'sh', 'sleep', 'stty', 'test', 'true', 'wc', 'yes'];

/** A runtime with folders of its own; at the end all containers and monitors in it are gone. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly root: string;
  readonly exitDir: string;
  readonly runtime: RuncRuntime;
  /** Makes a bundle with busybox and a container of it. */
  create(
    script: string,
    extra?: Partial<CreateRequest> & { edit?: (spec: Spec) => Spec },
  ): Promise<TestContainer>;
}

export interface TestContainer extends Created {
  readonly id: string;
  readonly bundle: string;
  readonly logPath: string;
}

export async function makeWorld(): Promise<World> {
  await access(busybox).catch((cause: unknown) => {
    throw new Error('these tests need the Debian package busybox-static', { cause });
  });
  const folder = await mkdtemp(join(tmpdir(), 'lading-runc-'));
  const [root, exitDir] = [join(folder, 'runc'), join(folder, 'exits')];
  const runtime = createRuncRuntime({ root, exitDir });
  await run('runc', ['spec', '--bundle', folder]);
  const template = parseSpec(await readFile(join(folder, 'config.json')));
  const monitors: number[] = [];

  return {
    folder,
    root,
    exitDir,
    runtime,
    async create(script, { edit, ...extra } = {}) {
      const id = extra.id ?? `ldg${randomBytes(4).toString('hex')}`;
      const bundle = await makeBundle(folder, withScript(template, script, edit));
      const logPath = extra.logPath ?? join(bundle, 'ctr.log');
      const created = await runtime.create({
        bundle,
        pidFile: join(bundle, 'pidfile'),
        conmonPidFile: join(bundle, 'conmon.pid'),
        ...extra,
        id,
        logPath,
      });
      monitors.push(created.monitorPid);
      return { ...created, id, bundle, logPath };
    },
    async [Symbol.asyncDispose]() {
      for (const { id } of await runtime.list()) await runtime.delete(id, { force: true });
      for (const pid of monitors) await gone(pid);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function withScript(template: Spec, script: string, edit: (spec: Spec) => Spec = (spec) => spec): Spec {
  return edit({ ...template, process: shell(script), root: { path: 'rootfs' } });
}

/** A process that runs a shell script, as root, without capabilities. */
export function shell(script: string): Process {
  return command('/bin/sh', '-c', script);
}

export function command(...args: string[]): Process {
  return { args, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } };
}

async function makeBundle(folder: string, spec: Spec): Promise<string> {
  const bundle = await mkdtemp(join(folder, 'bundle-'));
  const bin = join(bundle, 'rootfs', 'bin');
  await mkdir(bin, { recursive: true });
  for (const name of ['proc', 'dev', 'sys', 'tmp']) await mkdir(join(bundle, 'rootfs', name));
  await copyFile(busybox, join(bin, 'busybox'));
  for (const name of applets) await symlink('busybox', join(bin, name));
  await writeFile(join(bundle, 'config.json'), JSON.stringify(spec));
  return bundle;
}

/** Waits until a process is gone, or only its parent's looking away keeps its number. */
export async function gone(pid: number): Promise<void> {
  await until(`process ${pid} to end`, async () =>
    readFile(`/proc/${pid}/stat`, 'utf8').then(
      (stat) => (/\) [ZX] /.test(stat) ? true : undefined),
      () => true,
    ),
  );
}

/** Asks until the answer is not undefined, at most 20 s. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`waited 20 s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
