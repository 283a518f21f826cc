// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '@lading/command-line';
import { copyImage, openDestination } from '@lading/image-copy';
import { createMemorySource, type TestImage } from '@lading/image-copy/conformance';
import { afterEach } from 'vitest';
import { builtProgram } from '../../../tools/test-support/built-program.ts';
import { runLadingCopy } from '../src/index.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface CallOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** argv that starts the program, built of its sources. */
export const self: readonly string[] = builtProgram('lading-copy');

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const action of cleanup.splice(0).reverse()) await action();
});

/** Does something after the test, also when it fails. */
export function later(action: () => Promise<unknown>): void {
  cleanup.push(action);
}

/** An empty folder for the time of the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-copy-'));
  later(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the program in this process. HOME is the folder, so no login of this machine is seen. */
export async function ladingCopy(
  cwd: string,
  argv: readonly string[],
  options: CallOptions = {},
): Promise<Outcome> {
  let stdout = Buffer.alloc(0);
  let stderr = '';
  const environment: Environment = {
    stdin: (async function* () {
      yield new TextEncoder().encode(options.stdin ?? '');
    })(),
    stdinIsTerminal: false,
    stdout: (data) => {
      stdout = Buffer.concat([stdout, Buffer.from(data)]);
    },
    stderr: (data) => {
      stderr += Buffer.from(data).toString();
    },
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    env: {
      HOME: cwd,
      PATH: process.env.PATH,
      GNUPGHOME: join(cwd, 'gnupg'),
      REGISTRY_AUTH_FILE: join(cwd, 'auth.json'),
      ...options.env,
    },
    cwd,
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await runLadingCopy(argv, environment);
  return { code, stdout: stdout.toString(), stderr };
}

/** Runs a program of the system. A missing one is an error that names its Debian package. */
export async function tool(
  cwd: string,
  program: 'skopeo' | 'podman',
  argv: readonly string[],
  options: CallOptions = {},
): Promise<Outcome> {
  const env = {
    ...process.env,
    HOME: cwd,
    GNUPGHOME: join(cwd, 'gnupg'),
    REGISTRY_AUTH_FILE: join(cwd, 'auth.json'),
    ...options.env,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(program, argv, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error !== null && error.code === 'ENOENT') {
        reject(new Error(`${program} is not installed; apt-get install ${program}`));
      } else {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      }
    });
    // A program that fails early has left its stdin unread.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin ?? '');
  });
}

/** Starts Debian's docker-registry and resolves to its `host:port` when it answers. */
export async function startDockerRegistry(): Promise<string> {
  const folder = await makeFolder();
  const host = `127.0.0.1:${await freePort()}`;
  const conf = join(folder, 'config.yml');
  await writeFile(
    conf,
    `version: 0.1
storage: { filesystem: { rootdirectory: ${folder}/data }, delete: { enabled: true } }
http: { addr: ${host} }
`,
  );
  const child = spawn('docker-registry', ['serve', conf], { stdio: 'ignore' });
  const failed = new Promise<never>((_resolve, reject) => {
    child.on('error', () =>
      reject(new Error('docker-registry is not installed; apt-get install docker-registry')),
    );
    child.on('exit', (code) => reject(new Error(`docker-registry ended with ${code}`)));
  });
  failed.catch(() => undefined);
  later(() => end(child));
  await Promise.race([failed, untilAnswers(`http://${host}/v2/`)]);
  return host;
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await pause(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** Puts an image in memory where a reference says. */
export async function put(
  image: TestImage,
  reference: string,
  all = false,
  credentials?: { readonly username: string; readonly password: string },
): Promise<void> {
  const destination = await openDestination(reference, { tlsVerify: false, credentials });
  try {
    await copyImage(createMemorySource(image), destination, all ? { platform: 'all' } : {});
  } finally {
    await destination.close();
  }
}
