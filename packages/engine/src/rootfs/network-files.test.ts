// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostsFile, resolvConf } from './network-files.ts';

let folder: string;
let hostFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-dns-'));
  hostFile = join(folder, 'resolv.conf');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('resolvConf', () => {
  const cases: [string, string, object, string][] = [
    [
      'copies the host',
      'search a.b c\nnameserver 10.0.0.2\noptions ndots:2\n',
      {},
      'search a.b c\nnameserver 10.0.0.2\noptions ndots:2\n',
    ],
    [
      'leaves out resolvers on the host loopback',
      'nameserver 127.0.0.53\nnameserver 10.0.0.2 # x\n',
      {},
      'nameserver 10.0.0.2\n',
    ],
    [
      'falls back when none is left',
      'nameserver 127.0.0.53\n',
      {},
      'nameserver 8.8.8.8\nnameserver 8.8.4.4\n',
    ],
    [
      'keeps them in the network of the host',
      'nameserver 127.0.0.53\n',
      { hostNetwork: true },
      'nameserver 127.0.0.53\n',
    ],
    [
      'takes what was asked for',
      'nameserver 10.0.0.2\n',
      { dns: { servers: ['1.2.3.4'], searches: ['x'], options: ['edns0'] } },
      'search x\nnameserver 1.2.3.4\noptions edns0\n',
    ],
    [
      'searches nothing for a dot',
      'search a\nnameserver 10.0.0.2\n',
      { dns: { searches: ['.'] } },
      'nameserver 10.0.0.2\n',
    ],
  ];
  it.each(cases)('%s', async (_name, text, options, expected) => {
    await writeFile(hostFile, text);
    expect(await resolvConf({ networks: [], hostNetwork: false, hostFile, ...options })).toBe(expected);
  });

  it('refuses a server that would add a line', async () => {
    await expect(
      resolvConf({
        networks: [],
        hostNetwork: false,
        hostFile,
        dns: { servers: ['1.1.1.1\nnameserver 6.6.6.6'] },
      }),
    ).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('hostsFile', () => {
  it('names the container by its addresses', () => {
    const text = hostsFile({
      hostname: 'web',
      names: ['web1', 'web'],
      addresses: ['10.86.0.2', 'fd00::2'],
      extraHosts: [{ hostname: 'db', ip: '10.0.0.9' }],
    });
    expect(text.split('\n').slice(2)).toEqual([
      '10.0.0.9\tdb',
      '10.86.0.2\tweb web1',
      'fd00::2\tweb web1',
      '',
    ]);
  });

  it.each([
    { hostname: 'a b', ip: '10.0.0.1' },
    { hostname: 'a', ip: 'x' },
    { hostname: 'a\n1.1.1.1 b', ip: '10.0.0.1' },
  ])('refuses %j', (entry) => {
    expect(() => hostsFile({ hostname: 'h', addresses: [], extraHosts: [entry] })).toThrow(/NAME:IP/);
  });
});
