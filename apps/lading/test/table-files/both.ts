// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWorld, self, type World } from '../world.ts';
import { normalise } from './normalise.ts';
import type { Row } from './row.ts';

/** What one line did. */
export interface Answer {
  readonly line: string;
  readonly code: number;
  readonly out: string;
}

/** podman and lading, with a store each. */
export interface Both extends AsyncDisposable {
  podman(row: Row, index: number): Promise<readonly Answer[]>;
  lading(row: Row, index: number): Promise<readonly Answer[]>;
}

interface Tool {
  readonly name: 'podman' | 'lading';
  readonly command: readonly string[];
  run(
    argv: readonly string[],
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

export async function openBoth(): Promise<Both> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  const podman = await podmanIn(world);
  stack.defer(async () => {
    await podman.run(['rm', '--force', '--all', '--time', '0']);
    const driver = join(world.dir, 'podman-root/overlay');
    // podman binds the folder of its driver onto itself, and leaves it so.
    if (existsSync(driver)) await execute(['umount', driver], {});
  });
  const roots = ['--root', world.env.LADING_ROOT ?? '', '--runroot', world.env.LADING_RUNROOT ?? ''];
  const networks = ['--network-config-dir', world.env.LADING_NETWORK_CONFIG_DIR ?? ''];
  const lading: Tool = {
    name: 'lading',
    command: [...self, ...roots, ...networks],
    run: (argv) => world.lading(argv),
  };
  for (const tool of [podman, lading]) {
    await mustRun(tool, ['pull', '-q', '--tls-verify=false', world.image]);
    await mustRun(tool, ['tag', world.image, 'localhost/hello:latest']);
    await mustRun(tool, ['untag', world.image, `${world.image}:latest`]);
  }
  const owned = stack.move();
  return {
    podman: (row, index) => answersOf(podman, world, row, index),
    lading: (row, index) => answersOf(lading, world, row, index),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Set up to run where limits cannot be raised and no systemd is there. */
async function podmanIn({ dir, env }: World): Promise<Tool> {
  const conf = join(dir, 'containers.conf');
  const lines = [
    '[containers]',
    'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
    '[engine]',
    'runtime = "runc"',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "none"',
  ];
  await writeFile(conf, `${lines.join('\n')}\n`);
  const places = ['root', 'runroot', 'tmpdir'].flatMap((name) => [`--${name}`, join(dir, `podman-${name}`)]);
  const command = ['env', `CONTAINERS_CONF=${conf}`, 'podman', ...places, '--storage-driver=overlay'];
  return { name: 'podman', command, run: (argv) => execute([...command, ...argv], env) };
}

async function answersOf(tool: Tool, world: World, row: Row, index: number): Promise<readonly Answer[]> {
  const dir = join(world.dir, `row-${tool.name}-${index}`);
  await mkdir(dir);
  const host = world.image.slice(0, world.image.indexOf('/'));
  const places = { $DIR: dir, $IMAGE: world.image, $HOST: host, $NAME: tool.name };
  const run = (line: string) => runLine(tool, line, places);
  try {
    for (const line of row.before ?? []) {
      const { code, err } = await run(line);
      if (code !== 0) throw new Error(`${tool.name} ${line}: ${code}\n${err}`);
    }
    const answers: Answer[] = [];
    for (const line of row.lines) {
      const { code, out } = await run(line);
      answers.push({ line, code, out: normalise(out, places, row.ignore) });
    }
    return answers;
  } finally {
    for (const line of row.after ?? []) await run(line);
  }
}

function runLine(tool: Tool, line: string, places: Readonly<Record<string, string>>) {
  const shell = /^!\s*/.exec(line);
  if (shell !== null) {
    const env = {
      PATH: process.env.PATH ?? '',
      TOOL: tool.command.join(' '),
      ...Object.fromEntries(Object.entries(places).map(([name, place]) => [name.slice(1), place])),
    };
    return execute(['sh', '-c', line.slice(shell[0].length)], env, places.$DIR);
  }
  let filled = line;
  for (const [name, place] of Object.entries(places)) filled = filled.replaceAll(name, place);
  return tool.run(wordsOf(filled));
}

/** Cut at spaces outside of single quotes. */
function wordsOf(line: string): readonly string[] {
  return (line.match(/(?:[^ ']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

async function mustRun(tool: Tool, argv: readonly string[]): Promise<void> {
  const { code, err } = await tool.run(argv);
  if (code !== 0) throw new Error(`${tool.name} ${argv.join(' ')}: ${code}\n${err}`);
}

function execute(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      ...(cwd === undefined ? {} : { cwd }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code: code ?? -1, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    );
  });
}
