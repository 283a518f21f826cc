// SPDX-License-Identifier: Apache-2.0
import { existsSync, globSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Lies,
  makeTar,
  putImage,
  type ScriptedRegistry,
  startScriptedRegistry,
  type TarEntry,
} from './scripted-registry.ts';
import { createWorldWithImage, type Ended, type World } from './world.ts';

let world: World;
let registry: ScriptedRegistry;

beforeAll(async () => {
  world = await createWorldWithImage();
  registry = await startScriptedRegistry();
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** Everything that a failed command could leave in the store, on the machine or in memory. */
function traces(): object {
  const root = world.env.LADING_ROOT ?? '';
  const json = (name: string) => {
    const file = join(root, name);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  };
  return {
    layers: json('overlay-layers/layers.json'),
    images: json('overlay-images/images.json'),
    containers: json('overlay-containers/containers.json'),
    folders: globSync('{overlay,overlay-images,overlay-containers}/*', { cwd: root })
      .filter((path) => !path.endsWith('.lock'))
      .sort(),
    unfinished: globSync('**/{.tmp-*,tmp,tempdirs,staging}/*', { cwd: root }),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(` ${world.dir}/`) && !line.includes(` ${root}/overlay `)),
  };
}

/** The last line of stderr is the only error, and it is one line; podman's hint at --help may follow it. */
function errorOf({ err }: Ended): string {
  const lines = err.trimEnd().split('\n');
  if (/^(?:Try|See) '/.test(lines.at(-1) ?? '')) lines.pop();
  expect(lines.filter((line) => line.startsWith('Error:') || /^\s+at /.test(line))).toHaveLength(1);
  expect(lines.at(-1)).toMatch(/^Error: ./);
  return lines.at(-1) ?? '';
}

async function fails(argv: string | readonly string[], code: number, pattern: RegExp): Promise<void> {
  const before = traces();
  const ended = await world.lading(argv);
  expect({ code: ended.code, error: errorOf(ended) }).toEqual({
    code,
    error: expect.stringMatching(pattern),
  });
  expect(traces()).toEqual(before);
}

const pull = (name: string) => `pull --tls-verify=false ${registry.host}/${name}`;
const flip = (bytes: Uint8Array) =>
  bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
const file: TarEntry = { name: 'file', text: 'text' };

describe('a pull fails with one line and leaves nothing', () => {
  const zeros = `sha256:${'0'.repeat(64)}`;
  const lies: [string, Lies, RegExp][] = [
    ['other-layer', { layer: flip }, /digest|sha256/],
    ['short-layer', { layer: (bytes) => bytes.subarray(0, -9) }, /sha256|bytes/],
    ['long-layer', { layer: (bytes) => Buffer.concat([bytes, Buffer.alloc(9)]) }, /sha256|bytes/],
    ['other-config', { config: flip }, /digest|sha256/],
    ['lying-diff-id', { diffId: zeros }, /sha256:0{12}/],
    ['no-gzip', { compressed: Buffer.concat([Buffer.from([31, 139, 8, 0]), Buffer.alloc(600, 7)]) }, /./],
  ];
  it.each(lies)('when the registry serves: %s', async (name, lie, pattern) => {
    await putImage(registry, name, makeTar([{ ...file, text: name }]), lie);
    await fails(pull(name), 125, pattern);
  });

  it('when the manifest is not the one that was asked for', async () => {
    await putImage(registry, 'swapped', makeTar([file]));
    const other = registry.answers.get('swapped/manifests/latest') ?? new Uint8Array();
    registry.answers.set(`swapped/manifests/${zeros}`, other);
    await fails(pull(`swapped@${zeros}`), 125, /sha256:0{12}/);
  });

  it('when the image or the tag is unknown', async () => {
    await fails(pull('nosuch'), 125, /nosuch/);
    await fails(`pull --tls-verify=false ${world.image}:nosuch`, 125, /nosuch/);
  });

  it('when no registry listens', async () => {
    await fails('pull --tls-verify=false 127.0.0.1:1/nosuch', 125, /127\.0\.0\.1:1/);
  });
});

describe('a layer stays inside', () => {
  const outside = `lading-outside-${process.pid}`;
  const link = (target: string): TarEntry => ({ name: 'out', type: 'symlink', target });
  const layers: [string, readonly TarEntry[]][] = [
    ['parent', [{ name: `../../../../../../tmp/${outside}`, text: 'x' }]],
    ['absolute', [{ name: `/tmp/${outside}`, text: 'x' }]],
    ['absolute-link', [link('/tmp'), { name: `out/${outside}`, text: 'x' }]],
    ['parent-link', [link('../../../../../../../tmp'), { name: `out/${outside}`, text: 'x' }]],
  ];
  it.each(layers)('when an entry points out of it: %s', async (name, entries) => {
    await putImage(registry, name, makeTar([{ name: 'tmp/', type: 'folder' }, ...entries]));
    const before = traces();
    const ended = await world.lading(pull(name));
    expect(existsSync(join('/tmp', outside))).toBe(false);
    if (ended.code === 0) {
      const inside = globSync(`overlay/*/diff/**/${outside}`, { cwd: world.env.LADING_ROOT ?? '' });
      expect(inside.map((path) => basename(path))).toEqual([outside]);
      expect((await world.lading(`rmi ${registry.host}/${name}`)).code).toBe(0);
    } else {
      expect(ended.code).toBe(125);
      errorOf(ended);
    }
    expect(traces()).toEqual(before);
  });

  it.each(['/etc/hostname', '../../../../../../../etc/hostname'])(
    'when a hard link names %s of the host',
    async (target) => {
      const name = `hard-${target.length}`;
      await putImage(registry, name, makeTar([{ name: 'stolen', type: 'link', target }]));
      await fails(pull(name), 125, /stolen|hostname/);
    },
  );
});

describe('a container is not made', () => {
  it('when its name is taken', async () => {
    expect((await world.lading(`create --name taken ${world.image} true`)).code).toBe(0);
    await fails(`create --name taken ${world.image} true`, 125, /taken/);
    expect((await world.lading('rm taken')).code).toBe(0);
  });

  it('when the runtime is missing', async () => {
    await fails(
      `--runtime /nonexistent/runc run --rm --network none ${world.image} true`,
      125,
      /nonexistent/,
    );
  });

  it('when a command is unknown or no program', async () => {
    await fails(`run --rm --network none ${world.image} nosuch`, 127, /nosuch/);
    await fails(`run --rm --network none ${world.image} /etc/passwd`, 126, /etc\/passwd/);
  });

  it('when its port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      await fails(`run --rm -p 127.0.0.1:${port}:80 ${world.image} true`, 125, /address already in use/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('words that mean nothing', () => {
  it.each([
    ['nosuch', /nosuch/],
    ['ps --nosuch', /nosuch/],
    ['images --format {{.Nosuch', /template|format|unclosed/],
  ])('lading %s', async (argv, pattern) => {
    await fails(argv, 125, pattern);
  });

  it('are named when they are the list of images', async () => {
    const path = join(world.env.LADING_ROOT ?? '', 'overlay-images/images.json');
    const good = readFileSync(path);
    try {
      await writeFile(path, '[{"id":');
      const ended = await world.lading('images');
      expect({ code: ended.code, error: errorOf(ended) }).toEqual({
        code: 125,
        error: expect.stringContaining(path),
      });
    } finally {
      await writeFile(path, good);
    }
  });
});

it.each(['root', 'runroot', 'imagestore'])('refuses --%s where no folder can be made', async (flag) => {
  const { code, err } = await world.lading([`--${flag}`, '/proc/no/further', 'ps']);
  expect({ code, err }).toEqual({
    code: 125,
    err: 'Error: cannot make the folder /proc/no: /proc takes no new folders; name a place on a disk\n',
  });
});
