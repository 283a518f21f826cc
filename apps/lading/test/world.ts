// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startRegistry } from '@lading/registry';
import { bridgeNetwork } from '../../../tools/test-support/bridge-network.ts';
import { builtProgram } from '../../../tools/test-support/built-program.ts';
import { runLading } from '../src/index.ts';
import { pushBusybox } from './busybox-image.ts';

const exec = promisify(execFile);

/** argv that starts the program, built of its sources. */
export const self: readonly string[] = builtProgram('lading');

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A store of its own, and a registry that holds `demo/hello`. */
export interface World extends AsyncDisposable {
  readonly dir: string;
  readonly env: Record<string, string>;
  /** `127.0.0.1:PORT/demo/hello` */
  readonly image: string;
  /** Runs `lading` inside this process; the words are split at spaces when one text is given. */
  lading(argv: string | readonly string[], stdin?: string, cwd?: string): Promise<Ended>;
}

export async function createWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'lading-cli-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const networks = join(dir, 'networks');
  await mkdir(networks);
  const bridge = `lat${process.pid % 100_000}`;
  const network = { name: 'test', bridge, subnets: ['10.86.77.0/24'], dataDir: join(dir, 'leases') };
  await writeFile(join(networks, '10-test.conflist'), bridgeNetwork(network));
  const registry = await startRegistry();
  stack.use(registry);
  await pushBusybox(registry.host, 'demo/hello', dir);
  const env = {
    LADING_ROOT: join(dir, 'root'),
    LADING_RUNROOT: join(dir, 'run'),
    LADING_NETWORK_CONFIG_DIR: networks,
    PATH: process.env.PATH ?? '',
  };
  const lading = (argv: string | readonly string[], stdin = '', cwd = tmpdir()): Promise<Ended> =>
    runInProcess(typeof argv === 'string' ? argv.split(' ') : argv, env, stdin, cwd);
  stack.defer(async () => {
    await lading('rm --force --all --time 0');
    const driver = join(dir, 'root/overlay');
    // podman binds the folder of its driver onto itself, and leaves it so.
    if (mountsBelow(dir).some((line) => line.includes(` ${driver} `))) await exec('umount', [driver]);
    const left = mountsBelow(dir);
    if (left.length > 0) throw new Error(`mounts are left:\n${left.join('\n')}`);
    // The monitor of a container that was removed still calls back, and would make the folders anew.
    await ended(dir);
    if (existsSync(`/sys/class/net/${bridge}`)) await exec('ip', ['link', 'delete', bridge]);
  });
  const owned = stack.move();
  return {
    dir,
    env,
    image: `${registry.host}/demo/hello`,
    lading,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A world whose store has the image. */
export async function createWorldWithImage(): Promise<World> {
  const world = await createWorld();
  const { code, err } = await world.lading(`pull -q --tls-verify=false ${world.image}`);
  if (code === 0) return world;
  await world[Symbol.asyncDispose]();
  throw new Error(`the image was not pulled: ${err}`);
}

async function runInProcess(
  argv: readonly string[],
  env: Record<string, string>,
  stdin: string,
  cwd: string,
): Promise<Ended> {
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const bytes = (data: string | Uint8Array) => (typeof data === 'string' ? Buffer.from(data) : data);
  const code = await runLading(argv, {
    stdin: (async function* () {
      yield Buffer.from(stdin);
    })(),
    stdinIsTerminal: false,
    stdout: (data) => {
      out.push(bytes(data));
    },
    stderr: (data) => {
      err.push(bytes(data));
    },
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    env,
    cwd,
    signal: new AbortController().signal,
    self,
  });
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

function mountsBelow(dir: string): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.filter((line) => line.includes(` ${dir}/`));
}

/** Waits until no process names such a path on its command line. */
export async function ended(path: string): Promise<void> {
  await eventually(
    async () => processesOf(path),
    (found) => found.length === 0,
  );
}

/** Command lines of processes that name such a path. */
function processesOf(path: string): string[] {
  return globSync('/proc/[0-9]*/cmdline')
    .map((file) => {
      try {
        return readFileSync(file, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // it has ended since it was listed
      }
    })
    .filter((line) => line.includes(path));
}

/** Asks until the answer is right, half a minute long. */
export async function eventually<T>(ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (right(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer)} after half a minute`);
    await sleep(20);
  }
}
