// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
  await world.lading('pod create --name group --network none');
  const run = 'run -d --network none';
  for (const words of [
    `${run} --name zebra ${world.image} sleep 1000`,
    `${run} --name ant -v /etc:/host:ro ${world.image} sh -c head$\{IFS}-c$\{IFS}5000$\{IFS}/dev/zero>/big;sleep$\{IFS}1000`,
    `run -d --pod group --name member ${world.image} sleep 1000`,
    `create --network none --name idle ${world.image} true`,
  ]) {
    expect(await world.lading(words)).toMatchObject({ code: 0, err: '' });
  }
});

afterAll(async () => {
  await world.lading('pod rm -f -t 0 group');
  await world[Symbol.asyncDispose]();
});

const names = async (flags: string) =>
  (await world.lading(`ps --format {{.Names}} ${flags}`)).out.trim().split('\n').join(' ');

describe('lading ps', () => {
  it.each([
    ['-a', 'zebra ant member idle'],
    ['-a --sort names', 'ant idle member zebra'],
    ['-a --sort command', 'ant zebra member idle'],
    ['--size --sort size', 'zebra member ant'],
    ['--sort runningfor', 'member ant zebra'],
    ['-n 2', 'member idle'],
    ['-l', 'idle'],
    ['-a --filter volume=/etc:/host', 'ant'],
    ['-a --filter volume=/etc', 'ant'],
    ['-a --filter until=1h', ''],
    ['-a --filter restart-policy=no --filter name=z', 'zebra'],
    ['--sync --filter status=created', 'idle'],
  ])('%s', async (flags, expected) => {
    expect(await names(flags)).toBe(expected);
  });

  it('--pod shows the pod', async () => {
    const id = (await world.lading('pod ps -q')).out.trim();
    const { out } = await world.lading('ps --pod --filter name=member');
    expect(out).toMatch(/^CONTAINER ID .* NAMES {2,}POD ID {2,}PODNAME\n/);
    expect(out).toMatch(new RegExp(` member +${id} +group\\n$`));
    expect((await world.lading(`ps -q --filter pod=${id}`)).out).toMatch(/^[\da-f]{12}\n$/);
  });

  it('--ns shows the namespaces', async () => {
    const { out } = await world.lading('ps --ns --filter name=zebra');
    const [header = '', line = ''] = out.split('\n').map((text) => text.trim().split(/ {2,}/).join(' '));
    expect(header).toBe('CONTAINER ID NAMES PID CGROUPNS IPC MNT NET PIDNS USERNS UTS');
    const pid = line.split(' ')[2];
    expect(`ipc:[${line.split(' ')[4]}]`).toBe(readlinkSync(`/proc/${pid}/ns/ipc`));
  });

  it('--size shows what a container has written', async () => {
    const { out } = await world.lading('ps --size --filter name=ant');
    expect(out).toMatch(/ SIZE\n.* ant +[\d.]+kB \(virtual [\d.]+MB\)\n$/);
  });

  it.each([
    ['--sort shape', 'invalid argument "shape" for "--sort" flag'],
    ['-l -n 3', 'last and latest are mutually exclusive'],
    ['-q --size', 'quiet conflicts with size and namespace'],
    ['--ns --size', 'size and namespace options conflict'],
    ['--filter status=dancing', 'unknown container state: dancing: invalid argument'],
    ['--filter shape=round', 'shape is an invalid filter'],
  ])('refuses %s', async (flags, message) => {
    const { code, err, out } = await world.lading(`ps ${flags}`);
    expect({ code, out }).toEqual({ code: 125, out: '' });
    expect(err).toContain(message);
  });
});

describe('lading ps --format', () => {
  it('has the fields of podman 5: .Label, .CIDFile and .Restarts', async () => {
    const file = join(world.dir, 'fields.cid');
    const create = `create --name fields --network none --cidfile ${file} --label a=b ${world.image} true`;
    expect(await world.lading(create)).toMatchObject({ code: 0, err: '' });
    const format = '{{.Label "a"}}|{{.Label "none"}}|{{.CIDFile}}|{{.Restarts}}';
    expect(await world.lading(['ps', '-a', '--filter', 'name=fields', '--format', format])).toEqual({
      code: 0,
      out: `b||${file}|0\n`,
      err: '',
    });
    await world.lading('rm fields');
  });
});
