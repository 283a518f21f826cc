// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCdiDevices } from './find-devices.ts';

let root: string;
let folders: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-cdi-'));
  folders = ['etc', 'run'].map((name) => join(root, name));
  for (const folder of folders) mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true }));

const file = (env: string, ...names: string[]): object => ({
  cdiVersion: '0.6.0',
  kind: 'vendor.com/gpu',
  devices: names.map((name) => ({ name, containerEdits: { env: [`DEVICE=${name}`] } })),
  containerEdits: { env: [`FILE=${env}`] },
});
const write = (name: string, content: object | string): void =>
  writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content));
const find = async (...names: string[]) =>
  (await findCdiDevices(names, folders)).flatMap(({ env = [] }) => env);

describe('findCdiDevices', () => {
  it('gives the edits of a file once, and those of each device', async () => {
    write('etc/a.json', file('a', 'one', 'two'));
    expect(await find('vendor.com/gpu=one', 'vendor.com/gpu=two', 'vendor.com/gpu=one')).toEqual([
      'FILE=a',
      'DEVICE=one',
      'DEVICE=two',
    ]);
  });

  it('reads YAML', async () => {
    write(
      'etc/a.yaml',
      'cdiVersion: 1.0.0\nkind: a.b/c\ndevices:\n- name: "0"\n  containerEdits:\n    env: [X=1]\n',
    );
    expect(await find('a.b/c=0')).toEqual(['X=1']);
  });

  it('takes that of the later folder', async () => {
    write('etc/a.json', file('etc', 'one'));
    write('run/z.json', file('run', 'one'));
    expect(await find('vendor.com/gpu=one')).toEqual(['FILE=run', 'DEVICE=one']);
  });

  it('refuses one that two files of a folder have', async () => {
    write('etc/a.json', file('a', 'one', 'two'));
    write('etc/b.json', file('b', 'one'));
    await expect(find('vendor.com/gpu=one')).rejects.toMatchObject({ reason: 'CDI_DEVICE_CONFLICT' });
    expect(await find('vendor.com/gpu=two')).toEqual(['FILE=a', 'DEVICE=two']);
  });

  it('says of a device that is not there which files could not be read', async () => {
    write('etc/a.json', file('a', 'one'));
    write('etc/broken.json', '{');
    expect(await find('vendor.com/gpu=one')).toEqual(['FILE=a', 'DEVICE=one']);
    await expect(find('vendor.com/gpu=nope')).rejects.toMatchObject({
      code: 'not_found',
      reason: 'CDI_DEVICE_UNKNOWN',
      message: expect.stringContaining('etc/broken.json'),
    });
  });

  it.each<[string, object | string]>([
    ['no kind', { cdiVersion: '1.0.0', devices: [] }],
    ['a kind without class', { ...file('a', 'one'), kind: 'vendor.com' }],
    ['a device without a name', { ...file('a'), devices: [{}] }],
    ['a variable without value', { ...file('a', 'one'), containerEdits: { env: ['X'] } }],
    ['a node of a relative path', { ...file('a', 'one'), containerEdits: { deviceNodes: [{ path: 'x' }] } }],
    [
      'a hook of no stage',
      { ...file('a', 'one'), containerEdits: { hooks: [{ hookName: 'x', path: '/x' }] } },
    ],
  ])('takes nothing from a file with %s', async (_what, content) => {
    write('etc/a.json', content);
    await expect(find('vendor.com/gpu=one')).rejects.toMatchObject({ reason: 'CDI_DEVICE_UNKNOWN' });
  });

  it('needs no folder while no device is asked for', async () => {
    expect(await findCdiDevices([], ['/nonexistent'])).toEqual([]);
  });
});
