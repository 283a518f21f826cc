// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, self, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

function start(argv: readonly string[]) {
  const [node = '', ...rest] = self;
  return spawn(node, [...rest, ...argv], { env: world.env, stdio: ['pipe', 'pipe', 'inherit'] });
}

describe('the program', () => {
  it('sends the signals on that it receives', async () => {
    const script = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    const child = start(['run', '--rm', '--network', 'none', world.image, 'sh', '-c', script]);
    const ended = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      child.kill('SIGTERM');
      expect(await ended).toEqual([3, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('ends quietly when its reader has left', async () => {
    const child = start(['run', '--rm', '--network', 'none', world.image, 'seq', '1', '200000']);
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended).toEqual([0, null]);
  });

  it('takes an --env-file as its own or the container’s, not as Node’s', async () => {
    // Started as a shell would start it, by its first lines.
    const file = join(world.dir, 'variables');
    await writeFile(file, 'NODE_OPTIONS=--title=taken\nPIPED=yes\n');
    const script = `
      set -e
      for flags in --rm '--rm --env-file ${file}'; do
        cat ${file} | "$0" run $flags --env-file /dev/stdin --network none ${world.image} \
          sh -c 'env | grep -e NODE -e PIPED; echo "$@"' sh --env-file=/nosuch --env-file /nosuch
      done
      "$0" run --env-file ${file} ${world.image} nosuch --env-file=/nosuch || echo $?
      "$0" run --env-file /nosuch ${world.image} true || echo $?`;
    const child = spawn('sh', ['-c', script, self.at(-1) ?? ''], { env: world.env });
    const [[code], out, err] = await Promise.all([
      once(child, 'exit'),
      text(child.stdout),
      text(child.stderr),
    ]);
    const inside = 'NODE_OPTIONS=--title=taken\nPIPED=yes\n--env-file=/nosuch --env-file /nosuch\n';
    expect({ code, out }).toEqual({ code: 0, out: `${inside}${inside}127\n125\n` });
    expect(err).toMatch(/^Error: .*"nosuch".*\nError: parsing env file "\/nosuch": .*no such file.*\n$/);
  });

  it('gives the container a terminal with -t, and the caller its own back', async () => {
    const words = [
      ...self,
      'run',
      '--rm',
      '-it',
      '--network',
      'none',
      world.image,
      'sh',
      '-c',
      '"tty; read x; exit 5"',
    ];
    const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
      env: world.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let [out, answered] = ['', false];
    child.stdout.on('data', (chunk: Uint8Array) => {
      out += Buffer.from(chunk).toString();
      // Once: more output may come when nobody reads any more.
      if (answered || !out.includes('/dev/pts/')) return;
      answered = true;
      child.stdin.write('go\r');
    });
    expect(await ended).toEqual([5, null]);
  });

  it('reads stdin to its end', async () => {
    const child = start(['run', '--rm', '-i', '--network', 'none', world.image, 'cat']);
    const ended = once(child, 'exit');
    const chunks: Uint8Array[] = [];
    child.stdout.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    child.stdin.end('piped');
    expect(await ended).toEqual([0, null]);
    expect(Buffer.concat(chunks).toString()).toBe('piped');
  });
});

describe('the default network', () => {
  it('is made by the first container that needs it, and only then', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lading-net-'));
    try {
      const flags = ['--network-config-dir', dir];
      await world.lading([...flags, 'run', '--rm', '--network', 'none', world.image, 'true']);
      expect(await readdir(dir)).toEqual([]);
      await world.lading([...flags, 'create', '--name', 'netted', world.image, 'true']);
      expect(await readdir(dir)).toEqual(['87-lading.conflist']);
      const network = JSON.parse(await readFile(join(dir, '87-lading.conflist'), 'utf8'));
      expect(network).toMatchObject({
        name: 'lading',
        plugins: [{ type: 'bridge', bridge: 'lading0' }, { type: 'portmap' }],
      });
      await world.lading([...flags, 'rm', 'netted']);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
