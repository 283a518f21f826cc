// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeJson, type Spec, withProcess, withRoot } from '../src/index.ts';

const exec = promisify(execFile);

/** What a program printed; throws where it failed. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await exec(program, args)).stdout;
  } catch (cause) {
    throw new Error(`${program} did not run: is the Debian package ${program} installed?`, { cause });
  }
}

/** A folder of the test's own, gone at its end. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'lading-oci-spec-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The config.json that `runc spec` writes. */
export async function runcSpec(...flags: readonly string[]): Promise<Uint8Array> {
  await using folder = await temporaryFolder();
  await run('runc', 'spec', '--bundle', folder.path, ...flags);
  return readFile(join(folder.path, 'config.json'));
}

/** The config.json that podman writes for a container of busybox. */
export async function podmanSpec(...flags: readonly string[]): Promise<Uint8Array> {
  await using folder = await temporaryFolder();
  const rootfs = await makeRootfs(folder.path);
  const podman = (...args: readonly string[]): Promise<string> =>
    run(
      'podman',
      ...['--root', join(folder.path, 'root'), '--runroot', join(folder.path, 'run'), '--runtime', 'runc'],
      ...['--cgroup-manager', 'cgroupfs', '--storage-driver', 'vfs', '--events-backend', 'none', ...args],
    );
  const limits = ['--ulimit', 'nofile=64:64', '--ulimit', 'nproc=64:64', '--network', 'none'];
  const id = (await podman('create', ...limits, ...flags, '--rootfs', rootfs, 'sh')).trim();
  let monitor = '';
  try {
    await podman('init', id);
    const format = '{{.State.ConmonPid}} {{.OCIConfigPath}}';
    const [pid = '', path = ''] = (await podman('container', 'inspect', id, '--format', format))
      .trim()
      .split(' ');
    monitor = pid;
    return await readFile(path);
  } finally {
    await podman('rm', '--force', id);
    // At its end the monitor runs podman once more, which writes into the folder.
    if (monitor !== '') await gone(monitor);
  }
}

/** Waits until a process is gone, at most 20 s. */
async function gone(pid: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  // A zombie is one whose parent looks away.
  while (/\) [^ZX] /.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))) {
    if (Date.now() > deadline) throw new Error(`process ${pid} does not end`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs a shell script in a container of runc and gives what it printed and how it ended. */
export async function runContainer(
  spec: Spec,
  script: string,
): Promise<{ readonly out: string; readonly code: number }> {
  await using folder = await temporaryFolder();
  await makeRootfs(folder.path);
  const process = { args: ['/bin/sh', '-c', script], env: ['PATH=/bin'], rlimits: [], terminal: false };
  const config = withRoot(withProcess(spec, process), { path: 'rootfs', readonly: false });
  await writeFile(join(folder.path, 'config.json'), encodeJson(config));
  const id = `ldg${randomBytes(6).toString('hex')}`;
  return await new Promise((resolve, reject) => {
    const args = ['--root', join(folder.path, 'runc'), 'run', '--bundle', folder.path, id];
    execFile('runc', args, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ out: stdout + stderr, code });
      else reject(error);
    });
  });
}

async function makeRootfs(folder: string): Promise<string> {
  const rootfs = join(folder, 'rootfs');
  for (const name of ['bin', 'proc', 'dev', 'sys', 'tmp', 'etc']) {
    await mkdir(join(rootfs, name), { recursive: true });
  }
  await copyFile('/bin/busybox', join(rootfs, 'bin/busybox'));
  await copyFile('/bin/busybox', join(rootfs, 'bin/sh'));
  return rootfs;
}
