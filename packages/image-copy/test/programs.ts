// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach } from 'vitest';
import {
  type CopyResult,
  copyImage,
  type ImageSource,
  openDestination,
  openSource,
  type TransportContext,
} from '../src/index.ts';

const run = promisify(execFile);

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const action of cleanup.splice(0).reverse()) await action();
});

/** Does something after the test, also when it fails. */
export function later(action: () => Promise<unknown>): void {
  cleanup.push(action);
}

/** An empty folder for the time of the test. Its name is short: podman makes a name of it, and takes no long one. */
export async function makeFolder(atEnd: typeof later = later): Promise<string> {
  const folder = join(tmpdir(), `lading-${randomUUID().slice(0, 8)}`);
  await mkdir(folder);
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Copies from a source or reference to a reference, and closes both sides. */
export async function copy(
  from: ImageSource | string,
  to: string,
  context: TransportContext,
): Promise<CopyResult> {
  const source = typeof from === 'string' ? await openSource(from, context) : from;
  const destination = await openDestination(to, context);
  try {
    return await copyImage(source, destination);
  } finally {
    await source.close();
    await destination.close();
  }
}

export async function skopeo(cwd: string, ...argv: string[]): Promise<string> {
  const { stdout } = await run('skopeo', argv, { cwd, maxBuffer: 1 << 26 });
  return stdout;
}

export interface Podman {
  (...argv: string[]): Promise<string>;
  readonly graphRoot: string;
  /** Starts `podman system service`; resolves to the address of its socket. */
  service(): Promise<string>;
}

/** podman with a store of its own, until `atEnd` calls what it is given. Default: for the time of the test. */
export async function makePodman(atEnd: typeof later = later): Promise<Podman> {
  const folder = await makeFolder(atEnd);
  const [graphRoot, runRoot] = [join(folder, 'graph'), join(folder, 'run')];
  const roots = ['--root', graphRoot, '--runroot', runRoot];
  // The tools of containers/storage keep this folder mounted on itself.
  atEnd(() => run('umount', ['-l', join(graphRoot, 'overlay')]).catch(() => undefined));
  const podman = async (...argv: string[]): Promise<string> =>
    (await run('podman', [...roots, ...argv], { maxBuffer: 1 << 26 })).stdout;
  return Object.assign(podman, {
    graphRoot,
    async service() {
      const socket = join(folder, 'podman.sock');
      const address = `unix://${socket}`;
      const child = spawn('podman', [...roots, 'system', 'service', '--time=0', address], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      atEnd(() => end(child));
      await untilListening(child, socket);
      return address;
    },
  });
}

/** Podman makes its socket when it is ready to be asked; the kernel tells when the file is there. */
async function untilListening(child: ChildProcess, socket: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`podman system service ended with ${code}: ${said}`)));
    child.once('error', reject);
  });
  const { request } = await import('node:http');
  const answers = async (): Promise<void> => {
    for (;;) {
      const found = await new Promise<boolean>((resolve) => {
        const asked = request({ socketPath: socket, path: '/_ping' }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode === 200));
        });
        asked.on('error', () => setTimeout(() => resolve(false), 20));
        asked.end();
      });
      if (found) return;
    }
  };
  await Promise.race([answers(), ended]);
  child.removeAllListeners('exit');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
