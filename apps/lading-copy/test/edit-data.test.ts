// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTestImage, makeTestIndex } from '@lading/image-copy/conformance';
import type { Descriptor } from '@lading/image-spec';
import { expect, it } from 'vitest';
import { printed, refused } from './places.ts';
import { makeFolder, put } from './world.ts';

async function start() {
  const cwd = await makeFolder();
  await put(await makeTestImage({ seed: 'data' }), `oci:${cwd}/in:1`);
  const mutate = async (...argv: string[]) => {
    await printed(cwd, ['mutate', ...argv]);
    return JSON.parse(await printed(cwd, ['inspect', '--raw', argv.at(-1) ?? '']));
  };
  return { cwd, mutate };
}

it('--annotation-base says what an image was made on', async () => {
  const { cwd, mutate } = await start();
  const digest = `sha256:${'1'.repeat(64)}`;
  const { annotations } = await mutate(
    '--annotation-base',
    `debian,${digest}`,
    '-a',
    'x=y',
    'oci:in:1',
    'oci:in:2',
  );
  expect(annotations).toEqual({
    'org.opencontainers.image.base.name': 'docker.io/library/debian:latest',
    'org.opencontainers.image.base.digest': digest,
    x: 'y',
  });
  // `rebase` finds it there.
  expect(await refused(cwd, ['rebase', '--new-base', 'oci:in:none', 'oci:in:2', 'oci:in:3'])).toContain(
    digest,
  );
  for (const base of ['debian', `,${digest}`, 'debian,latest', `Debian,${digest}`])
    expect(await refused(cwd, ['mutate', '--annotation-base', base, 'oci:in:1', 'oci:in:4'])).toMatch(
      /^Error: .*(?:write the name of an image|reference)/,
    );
});

it('--data-max puts contents into descriptors, and takes them out', async () => {
  const { cwd, mutate } = await start();
  const all = await mutate('--data-max', '100000', 'oci:in:1', 'oci:in:2');
  for (const { data, digest } of [all.config, ...all.layers]) {
    const bytes = Buffer.from(data, 'base64');
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
  }
  const sizes: readonly number[] = all.layers.map(({ size }: { size: number }) => size);
  const some = await mutate('--data-max', String(Math.min(...sizes) - 1), 'oci:in:2', 'oci:in:3');
  expect(some.layers.some((layer: object) => 'data' in layer)).toBe(false);
  // What a changed config was is not left in its descriptor.
  expect((await mutate('-l', 'a=b', 'oci:in:2', 'oci:in:4')).config).not.toHaveProperty('data');
  const none = await mutate('--data-max', '0', 'oci:in:2', 'oci:in:5');
  expect(none).toEqual(JSON.parse(await printed(cwd, ['inspect', '--raw', 'oci:in:1'])));
  expect(await refused(cwd, ['mutate', '--data-max', '-1', 'oci:in:1', 'oci:in:6'])).toContain('give 0 to');
  const toDocker = ['mutate', '--to-docker', '--data-max', '9', 'oci:in:1', 'dir:docker'];
  expect(await refused(cwd, toDocker)).toContain('hold no data');
});

it('a list whose entries held manifests holds no old ones when they are changed', async () => {
  const { cwd, mutate } = await start();
  const platform = { os: 'linux', architecture: 'amd64' };
  const index = await makeTestIndex([{ image: await makeTestImage({ seed: 'list' }), platform }]);
  await put(index, `oci:${cwd}/list:1`, true);
  const { manifests } = JSON.parse(await printed(cwd, ['inspect', '--raw', 'oci:list:1']));
  const bytes = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: manifests.map((entry: Descriptor) => ({
      ...entry,
      data: Buffer.from(index.manifests.get(entry.digest)?.bytes ?? []).toString('base64'),
    })),
  });
  await writeFile(join(cwd, 'index.json'), bytes);
  await printed(cwd, ['manifest', 'put', 'oci:list:2', 'index.json']);
  const changed = await mutate('--all', '-l', 'a=b', 'oci:list:2', 'oci:list:3');
  expect(changed.manifests.length).toBe(manifests.length);
  for (const entry of changed.manifests) expect(entry).not.toHaveProperty('data');
});

it('--file-tar-time sets the times in an archive in an image', async () => {
  const { cwd, mutate } = await start();
  await mkdir(join(cwd, 'layer/lib'), { recursive: true });
  for (const [name, seconds] of [
    ['old', 1e9],
    ['new', 1.7e9],
  ] as const) {
    await writeFile(join(cwd, name), name.repeat(100_000));
    await utimes(join(cwd, name), seconds, seconds);
  }
  execFileSync('tar', ['-cf', 'layer/lib/scripts.tar', '--format=gnu', 'old', 'new'], { cwd });
  execFileSync('tar', ['-czf', 'layer/lib/packed.tar', 'old'], { cwd });
  await printed(cwd, ['append', 'oci:in:1', 'oci:in:2', 'layer']);
  await printed(cwd, ['mutate', '-l', 'when=2020-01-01', 'oci:in:2', 'oci:in:2']);
  const before = JSON.parse(await printed(cwd, ['inspect', '--raw', 'oci:in:2']));
  const times = async (image: string) => {
    await printed(cwd, ['get-file', image, '/lib/scripts.tar', 'out.tar']);
    const listed = execFileSync('tar', ['--utc', '-tvf', 'out.tar'], { cwd, encoding: 'utf8' });
    expect(execFileSync('tar', ['-xOf', 'out.tar', 'new'], { cwd, encoding: 'utf8' })).toBe(
      'new'.repeat(100_000),
    );
    return listed.match(/\d{4}-\d\d-\d\d/g);
  };
  const file = 'filename=/lib/scripts.tar';
  const after = await mutate(
    '--file-tar-time',
    `${file},set=2010-01-01,after=2010-01-01`,
    'oci:in:2',
    'oci:in:3',
  );
  expect(await times('oci:in:3')).toEqual(['2001-09-09', '2010-01-01']);
  expect(after.layers.slice(0, -1)).toEqual(before.layers.slice(0, -1));
  await mutate('--file-tar-time', `${file},from-label=when`, 'oci:in:2', 'oci:in:4');
  expect(await times('oci:in:4')).toEqual(['2020-01-01', '2020-01-01']);
  // The layers of the base stay as they are, the one above them does not.
  await mutate('--file-tar-time', `${file},set=2015-01-01,base-ref=oci:in:1`, 'oci:in:2', 'oci:in:7');
  expect(await times('oci:in:7')).toEqual(['2015-01-01', '2015-01-01']);
  await put(await makeTestImage({ seed: 'other' }), `oci:${cwd}/in:other`);
  // Nothing is later, nothing is there, or it is in a layer of the base.
  for (const value of [
    `${file},set=2030-01-01,after=2029-01-01`,
    'filename=/none,set=0',
    `${file},set=0,base-layers=9`,
    `${file},set=0,base-ref=oci:in:2`,
  ])
    expect(await mutate('--file-tar-time', value, 'oci:in:2', 'oci:in:5')).toEqual(before);
  const fails = (value: string) => refused(cwd, ['mutate', '--file-tar-time', value, 'oci:in:2', 'oci:in:6']);
  expect(await fails('filename=/lib/packed.tar,set=0')).toContain('or a compressed one');
  expect(await fails(`${file},from-label=none`)).toContain('has no label "none"');
  expect(await fails(file)).toContain('give one of set=TIME and from-label=LABEL');
  expect(await fails('set=0')).toContain('filename=PATH');
  expect(await fails(`${file},set=0,base=x`)).toContain('"base=x" is none of');
  expect(await fails(`${file},set=0,base-ref=x`)).toContain('invalid image name "x"');
  expect(await fails(`${file},set=0,base-ref=oci:in:none`)).toContain('no image none');
  expect(await fails(`${file},set=0,base-ref=oci:in:other`)).toContain('is not made on oci:in:other');
  expect(await fails(`${file},set=0,base-layers=1,base-ref=oci:in:1`)).toContain('give one of base-layers=N');
  expect(await fails(`${file},set=soon`)).toContain('write a time as in');
});
