// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createWorld, type World } from './world.ts';

const exec = promisify(execFile);
let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function podman(...args: readonly string[]): Promise<string> {
  const roots = ['--root', world.env.LADING_ROOT ?? '', '--runroot', world.env.LADING_RUNROOT ?? ''];
  try {
    const { stdout } = await exec('podman', [...roots, '--storage-driver', 'overlay', ...args]);
    return stdout;
  } catch (cause) {
    throw new Error('podman did not run: is the Debian package podman installed?', { cause });
  }
}

describe('images', () => {
  it('are pulled once, and the id goes to stdout', async () => {
    const { code, out, err } = await world.lading(`pull --tls-verify=false ${world.image}`);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^[\da-f]{64}\n$/) });
    expect(err).toContain(`Trying to pull ${world.image}:latest...`);
    const again = await world.lading(`pull -q --policy missing ${world.image}`);
    expect(again).toEqual({ code: 0, out, err: '' });
  });

  it('are pushed encrypted, and pulled by whoever has the key, as skopeo has it', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    await writeFile(join(world.dir, 'private.pem'), privateKey);
    await writeFile(join(world.dir, 'public.pem'), publicKey);
    const sealed = `${world.image}:sealed`;
    await world.lading(`pull -q --tls-verify=false ${world.image}`);
    const push = `push -q --tls-verify=false --encryption-key jwe:public.pem ${world.image} ${sealed}`;
    expect(await world.lading(push, '', world.dir)).toMatchObject({ code: 0, err: '' });
    const raw = await exec('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${sealed}`]);
    expect(raw.stdout).toContain('tar+gzip+encrypted');
    const copy = ['copy', '--src-tls-verify=false', '--decryption-key', join(world.dir, 'private.pem')];
    await exec('skopeo', [...copy, `docker://${sealed}`, `dir:${join(world.dir, 'opened')}`]);
    await world.lading(`rmi --force ${world.image}`);
    const pull = `pull -q --tls-verify=false ${sealed}`;
    expect(await world.lading(pull)).toMatchObject({ code: 125, out: '' });
    const opened = await world.lading(`${pull} --decryption-key private.pem`, '', world.dir);
    expect(opened).toMatchObject({ code: 0, err: '' });
    expect(await world.lading(`run --rm --network none ${sealed} echo open`)).toMatchObject({
      out: 'open\n',
    });
    expect(await world.lading(`push -q --encrypt-layer 0 ${sealed}`)).toMatchObject({ code: 125 });
    await world.lading(`rmi --force ${sealed}`);
    expect(await world.lading(`pull -q --tls-verify=false ${world.image}`)).toMatchObject({ code: 0 });
  });

  it('by a short name are said to be looked for where registries.conf leads', async () => {
    const host = world.image.replace('/demo/hello', '');
    const file = join(world.dir, 'short-names.conf');
    await writeFile(file, `unqualified-search-registries = ["${host}"]\nshort-name-mode = "enforcing"\n`);
    vi.stubEnv('CONTAINERS_REGISTRIES_CONF', file);
    world.env.CONTAINERS_REGISTRIES_CONF = file;
    try {
      const pull = 'pull --policy always --tls-verify=false demo/hello';
      const { code, err } = await world.lading(pull);
      expect({ code, err }).toEqual({
        code: 0,
        err: expect.stringContaining(`Trying to pull ${world.image}:latest...\n`),
      });
      await writeFile(
        file,
        `unqualified-search-registries = ["a.invalid", "${host}"]\nshort-name-mode = "enforcing"\n`,
      );
      // What is here already says which one it is.
      expect(await world.lading(pull)).toMatchObject({ code: 0 });
      expect(await world.lading(pull.replace('demo/hello', 'demo/other'))).toMatchObject({
        code: 125,
        err: expect.stringContaining('short-name-mode in registries.conf is enforcing'),
      });
    } finally {
      delete world.env.CONTAINERS_REGISTRIES_CONF;
      vi.unstubAllEnvs();
    }
  });

  it.each([
    '{{.ID}} {{.Size}} {{.Repository}} {{.Tag}} {{.Digest}} {{.CreatedSince}}',
    'table {{.ID}} {{.Repository}}',
    '{{.Labels}} {{.Names}}',
    '{{range .}}{{.ID}}{{end}}',
  ])('are listed as podman lists the same store: %s', async (format) => {
    const { code, out } = await world.lading(['images', '--format', format]);
    expect({ code, out }).toEqual({ code: 0, out: await podman('images', '--format', format) });
  });

  it.each([
    [[]],
    [['--digests']],
    [['--no-trunc']],
    [['-q']],
    [['--noheading']],
    [['nothing']],
    [['-f', 'reference=*/hello']],
  ])('are listed as podman lists the same store with %j', async (flags) => {
    const { code, out } = await world.lading(['images', ...flags]);
    // podman does not match a pattern without the registry; its own table is compared then.
    const same = flags.includes('-f') ? [] : flags;
    expect({ code, out }).toEqual({ code: 0, out: await podman('images', ...same) });
  });

  it('get names and lose them', async () => {
    expect(await world.lading(`tag ${world.image} localhost/other:v1`)).toEqual({
      code: 0,
      out: '',
      err: '',
    });
    expect((await world.lading(['images', '--format', '{{.Repository}}:{{.Tag}}'])).out).toContain(
      'localhost/other:v1',
    );
    expect(await world.lading('rmi localhost/other:v1')).toEqual({
      code: 0,
      out: 'Untagged: localhost/other:v1\n',
      err: '',
    });
    await world.lading(`tag ${world.image} localhost/third`);
    expect((await world.lading(`untag ${world.image} localhost/third`)).code).toBe(0);
    expect((await world.lading('image exists localhost/third')).code).toBe(1);
    expect((await world.lading(`image exists ${world.image}`)).code).toBe(0);
  });

  it('are inspected in the words of podman', async () => {
    const format =
      '{{.Id}} {{.Digest}} {{.Architecture}} {{.Os}} {{.Config.Env}} {{.Config.Cmd}} {{.RootFS.Layers}} {{.RepoTags}}';
    const { out } = await world.lading(['inspect', '--format', format, world.image]);
    expect(out).toBe(await podman('inspect', '--format', format, world.image));
  });

  const unknown: [string, number, string, string][] = [
    ['rmi nosuch', 1, '', 'Error: nosuch: image not known\n'],
    ['rmi -i nosuch', 0, '', ''],
    ['tag nosuch x', 125, '', 'Error: nosuch: image not known\n'],
    ['untag nosuch', 125, '', 'Error: nosuch: image not known\n'],
    ['inspect nosuch', 125, '[]\n', 'Error: inspecting object: no such object: "nosuch"\n'],
    ['image inspect nosuch', 125, '[]\n', 'Error: inspecting object: nosuch: image not known\n'],
    ['run --pull never localhost/nosuch', 125, '', 'Error: localhost/nosuch: image not known\n'],
  ];
  it.each(unknown)('%s', async (line, code, out, err) => {
    expect(await world.lading(line)).toEqual({ code, out, err });
  });

  it('say which registry did not have them', async () => {
    const { code, out, err } = await world.lading(`pull -q --tls-verify=false ${world.image}:nosuch`);
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 125, out: '', lines: 2 });
    expect(err).toContain(world.image);
  });

  it('go away with their last name', async () => {
    const { code, out } = await world.lading(`rmi ${world.image}`);
    expect(code).toBe(0);
    expect(out).toMatch(/^Untagged: \S+\/demo\/hello:latest\nDeleted: [\da-f]{64}\n$/);
    expect((await world.lading('images -q')).out).toBe('');
  });
});
