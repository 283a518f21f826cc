// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseEnd, parseMoment } from '../output/moment.ts';
import { parseSignal } from '../output/signal-name.ts';
import { parseEntrypoint } from './container-options.ts';
import { parseUlimit } from './limits.ts';
import { parseMount, parseTmpfs, parseVolume } from './mounts.ts';
import { parsePublish } from './ports.ts';
import { parseSize } from './size.ts';
import { readStorageOptions } from './storage-options.ts';

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['1b', 1],
    ['65536k', 67_108_864],
    ['1.5m', 1_572_864],
    ['2G', 2_147_483_648],
    ['1gb', 1_073_741_824],
    ['1KiB', 1024],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '-1', 'x', '1x', '1e3', '99999999p'])('%j is none', (text) => {
    expect(() => parseSize(text)).toThrow('invalid size');
  });
});

describe('storage options', () => {
  it.each([
    [[], {}],
    [['size=10G'], { storageQuota: { sizeBytes: 10 * 2 ** 30 } }],
    [['inodes=500', 'SIZE=1m'], { storageQuota: { sizeBytes: 2 ** 20, inodes: 500 } }],
  ])('%j', (texts, expected) => {
    expect(readStorageOptions(texts)).toEqual(expected);
  });

  it.each(['size', 'size=', 'size=x', 'inodes=-1', 'inodes=1k', 'what=1', ''])('%j is refused', (text) => {
    expect(() => readStorageOptions([text])).toThrow(/invalid size|unknown storage option/);
  });
});

describe('published ports', () => {
  it.each([
    ['80', [{ containerPort: 80, protocol: 'tcp' }]],
    ['8080:80', [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }]],
    ['8080:80/udp', [{ containerPort: 80, hostPort: 8080, protocol: 'udp' }]],
    ['127.0.0.1:8080:80', [{ containerPort: 80, hostPort: 8080, hostIp: '127.0.0.1', protocol: 'tcp' }]],
    ['127.0.0.1::80', [{ containerPort: 80, hostIp: '127.0.0.1', protocol: 'tcp' }]],
    ['[::1]:8080:80', [{ containerPort: 80, hostPort: 8080, hostIp: '::1', protocol: 'tcp' }]],
    [
      '8000-8001:80-81',
      [
        { containerPort: 80, hostPort: 8000, protocol: 'tcp' },
        { containerPort: 81, hostPort: 8001, protocol: 'tcp' },
      ],
    ],
  ])('%s', (text, mappings) => {
    expect(parsePublish(text)).toEqual(mappings);
  });

  it.each(['', ':', 'x', '1:2:3', '70000', '80:', '3-1', '1-2-3', '80/tcp/udp', '-1'])(
    '%j is refused',
    (text) => {
      expect(() => parsePublish(text)).toThrow();
    },
  );
});

describe('mounts', () => {
  const bind = (more: object) => ({ type: 'bind', source: '/a', target: '/b', readOnly: false, ...more });
  it.each([
    ['/a:/b', bind({})],
    ['/a:/b:ro', bind({ readOnly: true })],
    ['/a:/b:ro,rslave,z', bind({ readOnly: true, options: ['rslave'] })],
    ['./x:/b', bind({ source: '/cwd/x' })],
    ['../x:/b:rw', bind({ source: '/x' })],
    ['/a:/b:O,U', bind({ overlay: true, changeOwner: true })],
    ['data:/b', { type: 'volume', name: 'data', target: '/b', readOnly: false }],
    ['data:/b:ro,nocopy', { type: 'volume', name: 'data', target: '/b', readOnly: true, noCopy: true }],
    ['/b', { type: 'volume', target: '/b', readOnly: false }],
  ])('-v %s', (text, mount) => {
    expect(parseVolume(text, '/cwd')).toEqual(mount);
  });

  it.each([
    ['type=bind,source=/a,target=/b', bind({})],
    ['src=/a,dst=/b,ro', bind({ readOnly: true })],
    [
      'type=bind,source=/a,destination=/b,readonly=false,bind-propagation=shared',
      bind({ options: ['shared'] }),
    ],
    [
      'type=tmpfs,target=/b,tmpfs-size=1m,tmpfs-mode=0700,noexec',
      {
        type: 'tmpfs',
        target: '/b',
        readOnly: false,
        sizeBytes: 1_048_576,
        mode: 0o700,
        options: ['noexec', 'tmpcopyup'],
      },
    ],
    ['type=volume,src=data,dst=/b', { type: 'volume', name: 'data', target: '/b', readOnly: false }],
    ['target=/b', { type: 'volume', target: '/b', readOnly: false }],
    ['type=image,source=busybox,target=/b', { type: 'image', source: 'busybox', target: '/b' }],
  ])('--mount %s', (text, mount) => {
    expect(parseMount(text, '/cwd')).toEqual([mount]);
  });

  it.each([
    ['/b', { type: 'tmpfs', target: '/b', readOnly: false, options: ['tmpcopyup'] }],
    ['/b:notmpcopyup', { type: 'tmpfs', target: '/b', readOnly: false }],
    [
      '/b:ro,size=1k,mode=1777',
      {
        type: 'tmpfs',
        target: '/b',
        readOnly: true,
        sizeBytes: 1024,
        mode: 0o1777,
        options: ['tmpcopyup'],
      },
    ],
  ])('--tmpfs %s', (text, mount) => {
    expect(parseTmpfs(text)).toEqual(mount);
  });
});

describe('words', () => {
  it.each([
    ['', []],
    ['/bin/sh', ['/bin/sh']],
    ['/bin/sh -c', ['/bin/sh -c']],
    ['["a","b c"]', ['a', 'b c']],
    ['[a', ['[a']],
    ['[1]', ['[1]']],
  ])('entrypoint %j', (text, words) => {
    expect(parseEntrypoint(text)).toEqual(words);
  });

  it.each([
    ['9', 'SIGKILL'],
    ['term', 'SIGTERM'],
    ['SIGUSR1', 'SIGUSR1'],
  ])('signal %s', (text, name) => {
    expect(parseSignal(text)).toBe(name);
  });

  it.each([
    ['nofile=1024', { type: 'nofile', soft: 1024, hard: 1024 }],
    ['nproc=1:2', { type: 'nproc', soft: 1, hard: 2 }],
    ['core=0:-1', { type: 'core', soft: 0, hard: -1 }],
  ])('ulimit %s', (text, limit) => {
    expect(parseUlimit(text)).toEqual(limit);
  });

  it.each([
    ['10', 10_000],
    ['1970-01-01T00:00:05Z', 5000],
    ['1m30s', 1_000_000 - 90_000],
  ])('moment %s', (text, ms) => {
    expect(parseMoment(text, 1_000_000)?.getTime()).toBe(ms);
  });

  it.each([
    ['10', 10_000],
    ['1m30s', 1_000_000 + 90_000],
  ])('end %s', (text, ms) => {
    expect(parseEnd(text, 1_000_000)?.getTime()).toBe(ms);
  });
});
