// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, self, type World } from './world.ts';

let world: World;
/** Stands for the folder in which all of this machine keep the choices of root. */
let cache: string;
let host: string;

beforeAll(async () => {
  world = await createWorld();
  cache = join(world.dir, 'cache');
  host = world.image.replace('/demo/hello', '');
  await mkdir(cache);
});
afterAll(() => world[Symbol.asyncDispose]());

/** argv with the cache in its place, in a mount namespace of its own. */
function inside(command: string): readonly string[] {
  const mounts = `mkdir -p /var/cache/containers && mount --bind ${cache} /var/cache/containers`;
  return ['unshare', '--mount', 'sh', '-ec', `${mounts}; ${command}`];
}

async function environment(mode: string): Promise<Record<string, string>> {
  const conf = join(world.dir, 'registries.conf');
  const insecure = `[[registry]]\nlocation = "${host}"\ninsecure = true\n`;
  const search = `unqualified-search-registries = ["127.0.0.1:1", "${host}"]\n`;
  await writeFile(conf, `short-name-mode = "${mode}"\n${search}${insecure}`);
  return { ...world.env, CONTAINERS_REGISTRIES_CONF: conf };
}

/** Runs `lading` at a terminal, where the next keys are typed each time that the next words are on the screen. */
async function typed(
  words: string,
  mode: string,
  ...answers: readonly (readonly [words: string, keys: string])[]
): Promise<{ code: number | null; screen: string }> {
  const program = `script -qec '${self.join(' ')} ${words}' /dev/null`;
  const [command = '', ...args] = inside(program);
  const child = spawn(command, args, {
    env: await environment(mode),
    stdio: ['pipe', 'pipe', 'inherit'],
    signal: AbortSignal.timeout(50_000),
  });
  const closed = once(child, 'close'); // or what ends it when it waits for keys that nobody types
  let [screen, seen] = ['', 0];
  const left = [...answers];
  child.stdout.on('data', (chunk: Uint8Array) => {
    screen += Buffer.from(chunk).toString();
    const [next] = left;
    if (next === undefined || !screen.slice(seen).includes(next[0])) return;
    left.shift();
    seen = screen.length;
    child.stdin.write(next[1]);
  });
  await closed;
  return { code: child.exitCode, screen };
}

const recorded = (): Promise<string> => readFile(join(cache, 'short-name-aliases.conf'), 'utf8');
const second = '\x1b[B\r';

describe('a short name that may be several images', () => {
  it('is asked for at a terminal, and what is not there is not written down', async () => {
    const { code, screen } = await typed('pull --retry 0 demo/hello', 'permissive', ['Please select', '\r']);
    expect(code, screen).toBe(125);
    expect(screen).toContain(`> 127.0.0.1:1/demo/hello:latest\r\n\x1b[2K\r  ${host}/demo/hello:latest\r\n`);
    expect(screen).toContain('Trying to pull 127.0.0.1:1/demo/hello:latest...');
    await expect(recorded()).rejects.toThrow('ENOENT');
  });

  it('is not pulled when nothing is chosen', async () => {
    const { code, screen } = await typed('pull demo/hello', 'enforcing', ['Please select', '\x03']);
    expect({ code, screen }).toEqual({ code: 125, screen: expect.stringContaining('nothing was chosen') });
  });

  it('is the one that was chosen, for the container too that goes on at the terminal', async () => {
    const words = 'run --rm -it --network none demo/hello sh -c "echo ready; read x; exit \\$x"';
    const { code, screen } = await typed(words, 'enforcing', ['Please select', second], ['ready', '5\r']);
    expect(code, screen).toBe(5);
    expect(await recorded()).toBe(`[aliases]\n  "demo/hello" = "${host}/demo/hello"\n`);
  });

  it('is not asked for again, by podman neither', async () => {
    await world.lading(['rmi', world.image]);
    const { code, screen } = await typed('pull demo/hello', 'enforcing');
    expect(code, screen).toBe(0);
    expect(screen).not.toContain('Please select');
    const roots = ['--root', join(world.dir, 'podman'), '--runroot', join(world.dir, 'podman-run')];
    const [command = '', ...args] = inside(
      `podman ${roots.join(' ')} --storage-driver vfs pull -q demo/hello && podman ${roots.join(' ')} --storage-driver vfs images --format '{{.Repository}}'`,
    );
    const { stdout } = await promisify(execFile)(command, args, { env: await environment('enforcing') });
    expect(stdout).toContain(world.image);
  });

  it('is the one that is here, where it was not chosen', async () => {
    await writeFile(join(cache, 'short-name-aliases.conf'), '');
    const { code, screen } = await typed('pull demo/hello', 'enforcing');
    expect(code, screen).toBe(0);
    expect(screen).toContain(`Trying to pull ${world.image}:latest...`);
  });

  it('is no short name behind docker://', async () => {
    const { code, err } = await world.lading('pull --retry 0 docker://demo/hello');
    expect({ code, err }).toEqual({
      code: 125,
      err: expect.stringContaining('Trying to pull docker.io/demo/hello:latest...'),
    });
  });
});
