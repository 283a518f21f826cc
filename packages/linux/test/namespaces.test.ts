// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bringUpLoopback,
  inNetworkNamespace,
  isMountPoint,
  pinNamespaces,
  pinNetworkNamespace,
  unpinNamespace,
} from '../src/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-ns-'));
});
afterEach(() => {
  for (const name of ['net', 'ipc', 'uts', 'user']) unpinNamespace(join(folder, name));
  rmSync(folder, { recursive: true });
});

const own = (kind: string): string => readlinkSync(`/proc/thread-self/ns/${kind}`);
const inside = (kind: 'net' | 'ipc' | 'uts', ...command: string[]): string =>
  execFileSync('nsenter', [`--${kind}=${join(folder, kind)}`, ...command], { encoding: 'utf8' });

describe('pinNetworkNamespace', () => {
  it('makes a namespace with nothing but a loopback that is up, and leaves the thread where it was', () => {
    const before = own('net');
    const path = join(folder, 'net');
    pinNetworkNamespace(path);
    expect(own('net')).toBe(before);
    const names = inNetworkNamespace(path, () => {
      expect(own('net')).not.toBe(before);
      return Object.keys(networkInterfaces());
    });
    expect(names).toEqual(['lo']);
    expect(own('net')).toBe(before);
    bringUpLoopback(path);
  });

  it('refuses a path that is taken, and stays where it was', () => {
    const before = own('net');
    const path = join(folder, 'net');
    writeFileSync(path, 'kept');
    expect(() => pinNetworkNamespace(path)).toThrow(expect.objectContaining({ code: 'already_exists' }));
    expect(own('net')).toBe(before);
    expect(readFileSync(path, 'utf8')).toBe('kept');
  });
});

describe('inNetworkNamespace', () => {
  it('comes back when the function throws', () => {
    const before = own('net');
    const path = join(folder, 'net');
    pinNetworkNamespace(path);
    expect(() =>
      inNetworkNamespace(path, () => {
        throw new TypeError('boom');
      }),
    ).toThrow('boom');
    expect(own('net')).toBe(before);
  });

  it('says that a file is no namespace', () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    expect(() => inNetworkNamespace(path, () => 0)).toThrow(expect.objectContaining({ reason: 'EINVAL' }));
  });
});

describe('pinNamespaces', () => {
  it('sets a host name and kernel parameters inside, and none outside', () => {
    const outside = {
      hostname: hostname(),
      forward: readFileSync('/proc/sys/net/ipv4/conf/lo/forwarding', 'utf8'),
    };
    pinNamespaces(folder, ['net', 'ipc', 'uts'], {
      hostname: 'pod-1',
      sysctls: { 'net.ipv4.ip_unprivileged_port_start': '7', 'kernel.shmmni': '77' },
    });
    expect(inside('uts', 'uname', '-n').trim()).toBe('pod-1');
    expect(inside('net', 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start').trim()).toBe('7');
    expect(inside('ipc', 'cat', '/proc/sys/kernel/shmmni').trim()).toBe('77');
    expect(hostname()).toBe(outside.hostname);
    expect(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').trim()).not.toBe('7');
    expect(readFileSync('/proc/sys/kernel/shmmni', 'utf8').trim()).not.toBe('77');
  });

  it('has them owned by a user namespace of its own when ids are given', () => {
    const range = { containerId: 0, hostId: 3_000_000_000, size: 10 };
    const idMaps = { uidMap: [range], gidMap: [range] };
    pinNamespaces(folder, ['net', 'ipc', 'uts'], {
      idMaps,
      hostname: 'pod-2',
      sysctls: { 'net.ipv4.ip_unprivileged_port_start': '7', 'kernel.shmmni': '77' },
    });
    const kinds = ['user', 'net', 'ipc', 'uts'].map((kind) => `--${kind}=${join(folder, kind)}`);
    const script = [
      'set -e; cat /proc/self/uid_map; uname -n; cat /proc/sys/kernel/shmmni',
      // Only an owner may: the network namespace, and that of the host name.
      'ip link set lo down; hostname pod-3; uname -n',
    ].join('; ');
    const output = execFileSync('nsenter', [...kinds, 'sh', '-c', script], { encoding: 'utf8' });
    expect(output.trim().split(/\s+/)).toEqual(['0', '3000000000', '10', 'pod-2', '77', 'pod-3']);
    expect(inside('net', 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start').trim()).toBe('7');
    expect(process.geteuid?.()).toBe(0);
    writeFileSync('/proc/self/oom_score_adj', readFileSync('/proc/self/oom_score_adj')); // rights of root are back
  });

  it('refuses ids that the kernel refuses, and leaves nothing behind', () => {
    const range = { containerId: 0, hostId: 100_000, size: 10 };
    const idMaps = { uidMap: [range, range], gidMap: [range] };
    expect(() => pinNamespaces(folder, ['net'], { idMaps })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
    expect(existsSync(join(folder, 'net'))).toBe(false);
    expect(existsSync(join(folder, 'user'))).toBe(false);
  });

  it('leaves nothing behind when a step fails', () => {
    const before = ['net', 'ipc', 'uts'].map(own);
    expect(() =>
      pinNamespaces(folder, ['net', 'uts'], { sysctls: { 'net.ipv4.no_such_thing': '1' } }),
    ).toThrow(expect.objectContaining({ reason: 'ENOENT' }));
    expect(() => pinNamespaces(folder, ['uts'], { sysctls: { 'kernel.panic': '1' } })).toThrow(
      /whole machine/,
    );
    expect(['net', 'ipc', 'uts'].map(own)).toEqual(before);
    expect(existsSync(join(folder, 'net'))).toBe(false);
    expect(existsSync(join(folder, 'uts'))).toBe(false);
  });
});

describe('unpinNamespace', () => {
  it('may be called again, and of what never was', () => {
    const path = join(folder, 'net');
    pinNetworkNamespace(path);
    expect(isMountPoint(path)).toBe(true);
    unpinNamespace(path);
    expect(existsSync(path)).toBe(false);
    unpinNamespace(path);
  });
});
