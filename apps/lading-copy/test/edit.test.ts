// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { openRepository } from '@lading/image-copy';
import { makeTestImage, makeTestIndex } from '@lading/image-copy/conformance';
import { describe, expect, it, vi } from 'vitest';
import { byDigest, places, printed, refused, startLadingRegistry } from './places.ts';
import { ladingCopy, makeFolder, put, tool } from './world.ts';

const run = promisify(execFile);
const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
const plain = '--tls-verify=false';

/** The documents of an image as another program reads them. */
async function skopeoInspect(cwd: string, reference: string) {
  const inspect = async (...flags: string[]) => {
    const argv = ['inspect', '--tls-verify=false', '--raw', ...flags, reference];
    const { code, stdout, stderr } = await tool(cwd, 'skopeo', argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  return { manifest: await inspect(), config: await inspect('--config') };
}

describe.each(places)('in %s', (_name, makePlace) => {
  async function start() {
    const cwd = await makeFolder();
    const place = await makePlace(cwd);
    const image = await makeTestImage({ seed: 'edit' });
    await put(image, `${place}:1`);
    return { cwd, place, image };
  }

  it('mutate changes what the image says, and no layer', async () => {
    const { cwd, place, image } = await start();
    const written = await printed(cwd, [
      ...['mutate', ...insecure, '-l', 'team=web', '--label', 'seed=', '-e', 'DEBUG=1', '-e', 'PATH='],
      ...['--entrypoint', '["/bin/app", "--flag"]', '--cmd', 'serve', '-u', '1000:1000', '-w', '/srv'],
      ...['--expose', '8080', '--expose', '53/udp', '--volume', '/data', '--stop-signal', 'SIGINT'],
      ...['--created', '2024-05-06T07:08:09Z', '--author', 'me', '-a', 'note=on the manifest'],
      ...['--config-annotation', 'x=y', '--set-platform', 'linux/arm64/v8', `${place}:1`, `${place}:2`],
    ]);
    const { manifest, config } = await skopeoInspect(cwd, `${place}:2`);
    expect(written).toMatch(/@sha256:[0-9a-f]{64}\n$/);
    expect(config).toMatchObject({
      created: '2024-05-06T07:08:09.000Z',
      author: 'me',
      architecture: 'arm64',
      os: 'linux',
      config: {
        Env: ['DEBUG=1'],
        Entrypoint: ['/bin/app', '--flag'],
        Cmd: ['serve'],
        User: '1000:1000',
        WorkingDir: '/srv',
        ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
        Volumes: { '/data': {} },
        StopSignal: 'SIGINT',
        Labels: { team: 'web' },
      },
    });
    expect(manifest.annotations).toEqual({ note: 'on the manifest' });
    expect(manifest.config.annotations).toEqual({ x: 'y' });
    expect(manifest.layers.map(({ digest }: { digest: string }) => digest)).toEqual(
      image.layers.map(({ digest }) => digest),
    );
    const again = await printed(cwd, [
      ...['mutate', ...insecure, '--user', '', '--workdir', '', '--expose', '8080/tcp-', '--entrypoint', ''],
      ...['-a', 'note=', `${place}:2`, `${place}:3`],
    ]);
    expect(again).not.toBe(written);
    const bare = await skopeoInspect(cwd, `${place}:3`);
    expect(bare.config.config).not.toHaveProperty('User');
    expect(bare.config.config).not.toHaveProperty('WorkingDir');
    expect(bare.config.config).not.toHaveProperty('Entrypoint');
    expect(bare.config.config).not.toHaveProperty('Cmd');
    expect(bare.config.config.ExposedPorts).toEqual({ '53/udp': {} });
    expect(bare.manifest).not.toHaveProperty('annotations');
  });

  it('mutate without a change keeps the digest', async () => {
    const { cwd, place, image } = await start();
    expect(await printed(cwd, ['mutate', ...insecure, `${place}:1`, `${place}:2`])).toBe(
      `${byDigest(place, image.top.digest)}\n`,
    );
    expect(
      await printed(cwd, [
        'mutate',
        ...insecure,
        '-l',
        'seed=edit',
        '-e',
        'PATH=/bin',
        `${place}:1`,
        `${place}:2`,
      ]),
    ).toBe(`${byDigest(place, image.top.digest)}\n`);
  });

  it('mutate takes layers away, and files out of those that stay', async () => {
    const { cwd, place } = await start();
    for (const [folder, name] of [
      ['one', 'key'],
      ['two', 'app'],
      ['three', 'cache'],
    ] as const) {
      await mkdir(join(cwd, folder, 'srv/deep'), { recursive: true });
      await writeFile(join(cwd, folder, 'srv/deep', name), `it is ${name}`);
      await writeFile(join(cwd, folder, `srv/${name}.txt`), name);
    }
    const create = ['append', ...insecure];
    await printed(cwd, [...create, '--created-by', 'RUN make keys', 'scratch', `${place}:a`, 'one']);
    await printed(cwd, [...create, '--created-by', 'RUN make app', `${place}:a`, `${place}:b`, 'two']);
    await printed(cwd, [...create, '--created-by', 'RUN make cache', `${place}:b`, `${place}:c`, 'three']);
    const before = await skopeoInspect(cwd, `${place}:c`);
    const madeBy = ({ config }: Awaited<ReturnType<typeof skopeoInspect>>): readonly string[] =>
      config.history.map(({ created_by }: { created_by: string }) => created_by);

    const mutate = (...argv: string[]) => printed(cwd, ['mutate', ...insecure, ...argv]);
    await mutate('--layer-rm-index', '0', '--layer-rm-created-by', 'cache$', `${place}:c`, `${place}:d`);
    const removed = await skopeoInspect(cwd, `${place}:d`);
    expect(removed.manifest.layers).toEqual([before.manifest.layers[1]]);
    expect(removed.config.rootfs.diff_ids).toEqual([before.config.rootfs.diff_ids[1]]);
    expect(madeBy(removed)).toEqual(['RUN make app']);

    await mutate(
      '--layer-strip-file',
      '/srv/deep/key',
      '--layer-strip-file',
      'srv/key.txt',
      `${place}:c`,
      `${place}:e`,
    );
    const stripped = await skopeoInspect(cwd, `${place}:e`);
    expect(stripped.manifest.layers.slice(1)).toEqual(before.manifest.layers.slice(1));
    expect(madeBy(stripped)).toEqual(madeBy(before));
    await using opened = await openRepository(place, { tlsVerify: false });
    const layer = opened.repository.blob(stripped.manifest.layers[0]);
    const archive = gunzipSync(Buffer.concat(await Array.fromAsync(layer)));
    expect(archive.includes('srv/deep')).toBe(true);
    expect(archive.includes('key')).toBe(false);
    const { code, stdout } = await ladingCopy(cwd, ['diff', ...insecure, `${place}:c`, `${place}:e`]);
    expect({ code, gone: stdout.split('\n').map((line) => line.split(' ').at(-1)) }).toEqual({
      code: 1,
      gone: ['/srv/deep/key', '/srv/key.txt', ''],
    });
    await mutate('--layer-strip-file', '/none', `${place}:c`, `${place}:f`);
    expect((await skopeoInspect(cwd, `${place}:f`)).manifest).toEqual(before.manifest);

    await mutate(
      '-l',
      'team=web',
      '-l',
      'by=label',
      '-a',
      'by=hand',
      '--label-to-annotation',
      `${place}:c`,
      `${place}:g`,
    );
    expect((await skopeoInspect(cwd, `${place}:g`)).manifest.annotations).toEqual({
      team: 'web',
      by: 'hand',
    });

    const fails = (...argv: string[]) =>
      refused(cwd, ['mutate', ...insecure, ...argv, `${place}:c`, `${place}:h`]);
    expect(await fails('--layer-rm-index', '3')).toMatch(/has 3 layers, from 0 to 2: there is no layer 3\n$/);
    expect(await fails('--layer-rm-index', '-1')).toMatch(/number of a layer, from 0 on/);
    expect(await fails('--layer-rm-created-by', '(')).toMatch(/"\(" is no pattern/);
    expect(await fails('--layer-strip-file', '/')).toMatch(/"\/" is all of the layer: name a file in it\n$/);
    await run('ln', ['srv/key.txt', 'srv/linked'], { cwd: join(cwd, 'one') });
    await printed(cwd, [...create, 'scratch', `${place}:c`, 'one']);
    expect(await fails('--layer-strip-file', '/srv/key.txt')).toMatch(
      /is a hard link to .*: take both away\n$/,
    );
    expect(await refused(cwd, ['manifest', 'get', plain, `${place}:h`])).toMatch(/^Error: reading /);
  });

  it('append puts folders and archives on top, or makes an image of them', async () => {
    const { cwd, place, image } = await start();
    await mkdir(join(cwd, 'tree/etc'), { recursive: true });
    await writeFile(join(cwd, 'tree/etc/motd'), 'hello\n');
    await run('tar', ['-cf', 'plain.tar', '-C', 'tree', 'etc'], { cwd });
    await run('tar', ['-czf', 'packed.tar.gz', '-C', 'tree', 'etc'], { cwd });
    await run('tar', ['-cJf', 'packed.tar.xz', '-C', 'tree', 'etc'], { cwd });
    const layers = ['tree', 'plain.tar', 'packed.tar.gz', 'packed.tar.xz'];
    const argv = ['append', ...insecure, '--created-by', 'by a test', `${place}:1`, `${place}:2`, ...layers];
    await printed(cwd, argv);
    const { manifest, config } = await skopeoInspect(cwd, `${place}:2`);
    expect(manifest.layers).toHaveLength(image.layers.length + 4);
    expect(config.rootfs.diff_ids).toHaveLength(image.layers.length + 4);
    expect(config.rootfs.diff_ids.at(-3)).toBe(config.rootfs.diff_ids.at(-2));
    expect(config.history.slice(-4).map((entry: { created_by: string }) => entry.created_by)).toEqual(
      Array(4).fill('by a test'),
    );
    // Another program unpacks every layer, and holds them to the config.
    const copied = await tool(cwd, 'skopeo', [
      ...[
        'copy',
        '--insecure-policy',
        '--src-tls-verify=false',
        `${place}:2`,
        'docker-archive:all.tar:a/b:1',
      ],
    ]);
    expect(copied.code).toBe(0);
    const scratch = ['append', ...insecure, '--platform', 'linux/s390x', '--compress-format', 'zstd'];
    const temporary = join(cwd, 'temporary');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    try {
      await printed(cwd, [...scratch, 'scratch', `${place}:new`, 'tree']);
    } finally {
      vi.unstubAllEnvs();
    }
    const made = await skopeoInspect(cwd, `${place}:new`);
    expect(made.config).toMatchObject({ os: 'linux', architecture: 's390x' });
    expect(made.manifest.layers).toMatchObject([
      { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' },
    ]);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('append takes no file that is not a whole archive, and writes nothing then', async () => {
    const { cwd, place } = await start();
    await writeFile(join(cwd, 'notes'), 'no archive\n'.repeat(200));
    await run('tar', ['-cf', 'whole.tar', 'notes'], { cwd });
    await run('tar', ['-czf', 'whole.tar.gz', 'notes'], { cwd });
    for (const name of ['whole.tar', 'whole.tar.gz']) {
      await writeFile(
        join(cwd, `cut-${name}`),
        (await readFile(join(cwd, name))).subarray(0, -10).subarray(0, 1500),
      );
    }
    await run('sh', ['-c', 'head -c 1500 whole.tar | gzip > cut-inside.tar.gz'], { cwd });
    for (const [name, why] of [
      ['notes', /tar: /],
      ['cut-whole.tar', /tar: the archive ends in the middle of an entry/],
      ['cut-inside.tar.gz', /tar: the archive ends in the middle of an entry/],
      ['cut-whole.tar.gz', /the gzip stream is broken/],
    ] as const) {
      const message = await refused(cwd, [
        'append',
        ...insecure,
        `${place}:1`,
        `${place}:no`,
        'whole.tar',
        name,
      ]);
      expect(message).toContain(`the layer "${join(cwd, name)}" cannot be read as a tar archive: `);
      expect(message).toMatch(why);
    }
    const { code } = await ladingCopy(cwd, ['resolve', '--tls-verify=false', `${place}:no`]);
    expect(code).toBe(2);
  });

  it('rebase puts an image on another base, by flags or by what the image says of its own', async () => {
    const { cwd, place } = await start();
    const seeds = ['old-base', 'new-base', 'own'];
    for (const seed of seeds) {
      await mkdir(join(cwd, seed));
      await writeFile(join(cwd, seed, seed), seed);
    }
    await printed(cwd, ['append', ...insecure, 'scratch', `${place}:plain-1`, 'old-base']);
    await printed(cwd, ['append', ...insecure, 'scratch', `${place}:plain-2`, 'new-base', 'old-base']);
    const mutate = (...argv: string[]) => printed(cwd, ['mutate', ...insecure, ...argv]);
    const old = await mutate(
      '-e',
      'BASE=1',
      '-e',
      'PATH=/old',
      '-l',
      'gone=1',
      `${place}:plain-1`,
      `${place}:base-1`,
    );
    await mutate('-e', 'BASE=2', '-e', 'PATH=/new', '-u', 'base', `${place}:plain-2`, `${place}:base-2`);
    await printed(cwd, ['append', ...insecure, `${place}:base-1`, `${place}:app-0`, 'own']);
    await mutate('-e', 'PATH=/mine', '-l', 'mine=1', '--cmd', 'x', `${place}:app-0`, `${place}:app-1`);
    const flags = ['--old-base', `${place}:base-1`, '--new-base', `${place}:base-2`];
    const written = await printed(cwd, ['rebase', ...insecure, ...flags, `${place}:app-1`, `${place}:app-2`]);
    const [base, app, own] = await Promise.all(
      ['base-2', 'app-2', 'app-1'].map((tag) => skopeoInspect(cwd, `${place}:${tag}`)),
    );
    expect(app?.config.rootfs.diff_ids).toEqual([
      ...(base?.config.rootfs.diff_ids ?? []),
      own?.config.rootfs.diff_ids.at(-1),
    ]);
    expect(app?.config.config).toMatchObject({ User: 'base', Cmd: ['x'], Labels: { mine: '1' } });
    expect(app?.config.config.Env.toSorted()).toEqual(['BASE=2', 'PATH=/mine']);
    expect(app?.config.history).toHaveLength(3);
    expect(app?.manifest.annotations['org.opencontainers.image.base.digest']).toMatch(/^sha256:/);
    const wrong = ['--old-base', `${place}:base-2`, '--new-base', `${place}:base-1`];
    expect(await refused(cwd, ['rebase', ...insecure, ...wrong, `${place}:app-1`, `${place}:x`])).toMatch(
      /is not made on .*: layer 1 differs\n$/,
    );
    expect(await refused(cwd, ['rebase', ...insecure, `${place}:app-1`, `${place}:x`])).toMatch(
      /does not say what it was made on: give --old-base/,
    );
    if (!place.startsWith('docker://')) return;
    const name = place.slice('docker://'.length);
    await printed(cwd, ['tag', plain, `${place}:base-2`, 'base']);
    const digest = old.trim().split('@').at(-1);
    await mutate(
      ...['-a', `org.opencontainers.image.base.name=${name}:base`],
      ...['-a', `org.opencontainers.image.base.digest=${digest}`, `${place}:app-1`, `${place}:noted`],
    );
    await printed(cwd, ['rebase', ...insecure, `${place}:noted`, `${place}:noted-2`]);
    const noted = await skopeoInspect(cwd, `${place}:noted-2`);
    expect(noted.config.rootfs.diff_ids).toEqual(app?.config.rootfs.diff_ids);
    expect(noted.manifest.annotations).toMatchObject({
      'org.opencontainers.image.base.name': `${name}:base`,
    });
    expect(written).not.toBe('');
  });

  it('lists are made, added to, taken from, and shown', async () => {
    const { cwd, place } = await start();
    for (const [architecture, variant] of [['amd64'], ['arm64', 'v8'], ['s390x']] as const) {
      const image = await makeTestImage({ seed: architecture, platform: { os: 'linux', architecture } });
      await put(image, `${place}:${architecture}`);
      if (variant !== undefined) {
        const argv = ['--set-platform', `linux/${architecture}/${variant}`];
        await printed(cwd, [
          'mutate',
          ...insecure,
          ...argv,
          `${place}:${architecture}`,
          `${place}:${architecture}`,
        ]);
      }
    }
    const created = await printed(cwd, [
      ...[
        'index',
        'create',
        ...insecure,
        '-a',
        'made=here',
        `${place}:all`,
        `${place}:amd64`,
        `${place}:s390x`,
      ],
    ]);
    const raw = async () => JSON.parse(await printed(cwd, ['manifest', 'get', plain, `${place}:all`]));
    expect(await raw()).toMatchObject({
      mediaType: 'application/vnd.oci.image.index.v1+json',
      annotations: { made: 'here' },
      manifests: [
        { platform: { os: 'linux', architecture: 'amd64' } },
        { platform: { os: 'linux', architecture: 's390x' } },
      ],
    });
    await printed(cwd, ['index', 'add', ...insecure, `${place}:all`, `${place}:arm64`]);
    const list = ['index', 'list', plain, '--format', '{{.Platform}}', `${place}:all`];
    expect(await printed(cwd, list)).toBe('linux/amd64\nlinux/s390x\nlinux/arm64\n');
    await printed(cwd, ['index', 'remove', ...insecure, `${place}:all`, 'linux/s390x']);
    expect(await printed(cwd, list)).toBe('linux/amd64\nlinux/arm64\n');
    await printed(cwd, ['mutate', ...insecure, '-l', 'new=1', `${place}:amd64`, `${place}:amd64`]);
    const replaced = await printed(cwd, ['index', 'add', ...insecure, `${place}:all`, `${place}:amd64`]);
    expect(await printed(cwd, list)).toBe('linux/arm64\nlinux/amd64\n');
    expect(replaced).not.toBe(created);
    // Another program chooses from it.
    const argv = [
      '--override-arch',
      'arm64',
      'inspect',
      plain,
      '--format',
      '{{.Architecture}}',
      `${place}:all`,
    ];
    expect((await tool(cwd, 'skopeo', argv)).stdout).toBe('arm64\n');
    await printed(cwd, [
      'mutate',
      ...insecure,
      '--all',
      '-l',
      'every=one',
      `${place}:all`,
      `${place}:labelled`,
    ]);
    for (const architecture of ['amd64', 'arm64']) {
      const config = ['config', 'get', plain, '--platform', `linux/${architecture}`, `${place}:labelled`];
      expect(JSON.parse(await printed(cwd, config)).config.Labels).toMatchObject({ every: 'one' });
    }
    expect(await refused(cwd, ['index', 'remove', ...insecure, `${place}:all`, 'linux/riscv64'])).toMatch(
      /the list has no image linux\/riscv64/,
    );
    expect(await refused(cwd, ['index', 'add', ...insecure, `${place}:amd64`, `${place}:arm64`])).toMatch(
      /it is an image, not a list/,
    );
    const twice = ['index', 'create', ...insecure, `${place}:x`, `${place}:1`, `${place}:labelled`];
    expect(await refused(cwd, twice)).toMatch(/two images are given for linux\//);
  });
});

describe('across transports', () => {
  it.each(['dir:out', 'docker-archive:out.tar:a/b:2', 'oci-archive:out.tar:x'])(
    'an image of %s is changed, and written to another',
    async (from) => {
      const cwd = await makeFolder();
      const image = await makeTestImage({ seed: 'any', format: from.startsWith('docker') ? 'v2s2' : 'oci' });
      await put(image, `dir:${cwd}/in`);
      await printed(cwd, ['copy', '-q', 'dir:in', from]);
      expect(await printed(cwd, ['mutate', '-l', 'a=b', from, 'oci:to:x'])).toMatch(/^oci:to:@sha256:/);
      const labels = ['inspect', '--format', '{{.Labels.a}}', 'oci:to:x'];
      expect(await printed(cwd, labels)).toBe('b\n');
      expect(await printed(cwd, ['mutate', '-l', 'a=b', 'oci:to:x', 'docker-archive:new.tar:c/d:1'])).toMatch(
        /^docker-archive:new\.tar:c\/d:1@sha256:[0-9a-f]{64}\n$/,
      );
      expect((await tool(cwd, 'skopeo', ['inspect', 'docker-archive:new.tar'])).code).toBe(0);
    },
  );

  it('formats change both ways', async () => {
    const cwd = await makeFolder();
    await put(await makeTestImage({ seed: 'f' }), `dir:${cwd}/oci`);
    await printed(cwd, ['mutate', '--to-docker', 'dir:oci', 'dir:docker']);
    const type = async (of: string) => JSON.parse(await printed(cwd, ['manifest', 'get', of])).mediaType;
    expect(await type('dir:docker')).toBe('application/vnd.docker.distribution.manifest.v2+json');
    await printed(cwd, ['mutate', '--to-oci', '-a', 'x=y', 'dir:docker', 'dir:back']);
    expect(await type('dir:back')).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(await refused(cwd, ['mutate', '-a', 'x=y', 'dir:docker', 'dir:no'])).toMatch(
      /Docker's manifests have no annotations/,
    );
    expect(await readdir(cwd)).not.toContain('no');
  });

  it('attestations in a list follow the images that change', async () => {
    const cwd = await makeFolder();
    const platform = { os: 'linux', architecture: 'amd64' };
    const unknown = { os: 'unknown', architecture: 'unknown' };
    const image = await makeTestImage({ seed: 'app', platform });
    const attestation = await makeTestImage({ seed: 'attestation', platform: unknown });
    const list = await makeTestIndex([
      { image, platform },
      { image: attestation, platform: unknown },
    ]);
    await put(list, `oci:${cwd}/in:all`, true);
    const raw = JSON.parse(await printed(cwd, ['manifest', 'get', 'oci:in:all']));
    raw.manifests[1].annotations = { 'vnd.docker.reference.digest': image.top.digest };
    await writeFile(join(cwd, 'list.json'), JSON.stringify(raw));
    await printed(cwd, ['manifest', 'put', 'oci:in:all', 'list.json']);
    await printed(cwd, ['mutate', '--all', '-l', 'a=b', 'oci:in:all', 'oci:out:all']);
    const { manifests } = JSON.parse(await printed(cwd, ['manifest', 'get', 'oci:out:all']));
    expect(manifests[1].digest).toBe(attestation.top.digest);
    expect(manifests[0].digest).not.toBe(image.top.digest);
    expect(manifests[1].annotations['vnd.docker.reference.digest']).toBe(manifests[0].digest);
  });

  it('an image that the policy rejects is not changed', async () => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    await put(await makeTestImage({ seed: 'p' }), `docker://${host}/a:1`);
    await writeFile(join(cwd, 'policy.json'), '{"default": [{"type": "reject"}]}');
    const argv = [
      '--policy',
      'policy.json',
      'mutate',
      ...insecure,
      '-l',
      'a=b',
      `docker://${host}/a:1`,
      'dir:out',
    ];
    expect(await refused(cwd, argv)).toMatch(/policy/i);
    expect(await readdir(cwd)).not.toContain('out');
  });

  it('an image whose config and manifest disagree is not changed', async () => {
    const cwd = await makeFolder();
    const [image, other] = await Promise.all(
      [2, 3].map((layers) => makeTestImage({ seed: String(layers), layers })),
    );
    const lying = await makeTestImage({
      seed: 'lying',
      layers: 2,
      diffIdsOf: other ?? image ?? (await makeTestImage({ seed: '' })),
    });
    const manifest = Buffer.from(lying.top.bytes);
    await mkdir(join(cwd, 'in'));
    await writeFile(join(cwd, 'in/version'), 'Directory Transport Version: 1.1\n');
    await writeFile(join(cwd, 'in/manifest.json'), manifest);
    for (const [digest, bytes] of lying.blobs) await writeFile(join(cwd, 'in', digest.slice(7)), bytes);
    expect(await refused(cwd, ['mutate', '-l', 'a=b', 'dir:in', 'dir:out'])).toMatch(
      /the manifest has 2 layers, its config lists 3/,
    );
  });
});

describe('mistakes', () => {
  const cases: [readonly string[], RegExp][] = [
    [['mutate', '--expose', 'http', 'dir:a', 'dir:b'], /"http" is no port/],
    [['mutate', '-l', 'x', 'dir:a', 'dir:b'], /"x" is not KEY=VALUE/],
    [['mutate', '--created', 'today', 'dir:a', 'dir:b'], /--created today: write a time as in/],
    [['mutate', '--cmd', '["a", 1]', 'dir:a', 'dir:b'], /write a list of words as JSON/],
    [['mutate', '--to-oci', '--to-docker', 'dir:a', 'dir:b'], /contradict each other/],
    [['append', 'scratch', 'dir:b', 'none'], /^Error: the layer .*none" cannot be read/],
    [['append', '--compress-format', 'xz', 'scratch', 'dir:b', '.'], /"xz" is no compression/],
    [['append', 'scratch', 'dir:b', '/dev/null'], /is neither a file nor a folder/],
    [['rebase', 'dir:none', 'dir:b'], /^Error: reading dir:none: /],
    [['index', 'create', '-f', 'v3', 'oci:a:b'], /unknown format "v3"/],
  ];
  it.each(cases)('%j', async (argv, message) => {
    const cwd = await makeFolder();
    expect(await refused(cwd, argv)).toMatch(message);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('every command has a page of help', async () => {
    const cwd = await makeFolder();
    const { stdout } = await ladingCopy(cwd, ['--help']);
    for (const command of ['append', 'artifact', 'attach', 'blob', 'catalog', 'config', 'index', 'manifest'])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    for (const argv of [['mutate'], ['rebase'], ['index', 'create'], ['blob', 'get'], ['artifact', 'put']])
      expect(await printed(cwd, [...argv, '--help'])).toMatch(/Usage:\n {2}lading-copy /);
  });
});
