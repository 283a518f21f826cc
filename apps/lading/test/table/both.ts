// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWorld, type World } from '../world.ts';
import { normalized } from './normalized.ts';
import type { Row } from './row.ts';

/** What one line has done, to be compared. */
export interface Result {
  readonly line: string;
  readonly code: number;
  readonly out: string;
}

/** A store of podman's and one of lading's, which hold the same image. */
export interface Both extends AsyncDisposable {
  readonly world: World;
  /** Runs the lines of a row with each. */
  run(row: Row, word: string): Promise<{ readonly podman: Result[]; readonly lading: Result[] }>;
}

type Runner = (words: readonly string[], cwd: string) => Promise<{ code: number; out: string; err: string }>;

export async function createBoth(): Promise<Both> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  const conf = join(world.dir, 'containers.conf');
  // What this machine allows: no more than its own limits, and a runtime for both versions of cgroups.
  await writeFile(
    conf,
    '[engine]\nruntime = "runc"\nevents_logger = "file"\n[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\nlog_driver = "k8s-file"\n',
  );
  const roots = ['--root', join(world.dir, 'podman-root'), '--runroot', join(world.dir, 'podman-run')];
  const global = [...roots, '--tmpdir', join(world.dir, 'podman-tmp'), '--cgroup-manager', 'cgroupfs'];
  const env = { ...process.env, CONTAINERS_CONF: conf };
  const podman: Runner = (words, cwd) => child('podman', [...global, ...words], { cwd, env });
  stack.defer(async () => {
    await podman(['rm', '--force', '--all', '--time', '0'], world.dir);
    await child('umount', [join(world.dir, 'podman-root/overlay')], { cwd: world.dir, env });
  });
  const lading: Runner = (words, cwd) => world.lading(words, '', cwd);
  const image = 'localhost/demo:1';
  for (const run of [podman, lading]) {
    for (const words of [
      ['pull', '-q', '--tls-verify=false', world.image],
      ['tag', world.image, image],
      ['untag', image, world.image],
    ]) {
      const { code, err } = await run(words, world.dir);
      if (code !== 0) throw new Error(`${words.join(' ')}: ${err}`);
    }
  }
  const owned = stack.move();

  async function runLines(row: Row, word: string, tool: string, run: Runner): Promise<Result[]> {
    const dir = join(world.dir, `${tool}-rows`, word);
    await mkdir(dir, { recursive: true });
    const known: Readonly<Record<string, string>> = {
      '{image}': image,
      '{registry}': world.image.replace(/\/.*/, ''),
      '{row}': word,
      '{dir}': dir,
    };
    const filled = (text: string): string =>
      text.replaceAll(/\{(image|registry|row|dir)\}/g, (name) => known[name] ?? name);
    const results: Result[] = [];
    for (const line of row.lines) {
      const isShell = typeof line === 'string' && line.startsWith('!');
      const words = (typeof line === 'string' ? line.split(' ') : line).map(filled);
      const { code, out } = isShell
        ? await child('sh', ['-c', filled(line).slice(1)], { cwd: dir, env })
        : await run(words, dir);
      results.push({ line: String(line), code, out: normalized(out, dir) });
    }
    return results;
  }

  return {
    world,
    async run(row, word) {
      const [one, other] = await Promise.all([
        runLines(row, word, 'podman', podman),
        runLines(row, word, 'lading', lading),
      ]);
      return { podman: one, lading: other };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function child(
  program: string,
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const started = execFile(program, words, { cwd, env, timeout: 50_000 }, (error, out, err) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, out, err });
      else reject(new Error(`${program} ${words.join(' ')}`, { cause: error }));
    });
    started.stdin?.end();
  });
}
