// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { sysctlPath } from './sysctl.ts';

describe('sysctlPath', () => {
  it.each([
    ['net.ipv4.ip_forward', '/proc/sys/net/ipv4/ip_forward'],
    ['net/ipv4/conf/eth0.100/rp_filter', '/proc/sys/net/ipv4/conf/eth0.100/rp_filter'],
    ['kernel.shmmax', '/proc/sys/kernel/shmmax'],
    ['fs.mqueue.msg_max', '/proc/sys/fs/mqueue/msg_max'],
    ['kernel.domainname', '/proc/sys/kernel/domainname'],
  ])('finds the file of %s', (name, path) => {
    expect(sysctlPath(name, ['net', 'ipc', 'uts'])).toBe(path);
  });

  it.each([
    'kernel.core_pattern',
    'kernel.shm/../core_pattern',
    'kernel.shm_rmid_forced.x',
    'net/../kernel/core_pattern',
    'net..kernel.core_pattern',
    '../net.x',
    'net',
    'net.',
    '',
    'net.ipv4\0x',
    'netx.a',
  ])('refuses %j', (name) => {
    expect(() => sysctlPath(name, ['net', 'ipc', 'uts'])).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  it('refuses a parameter of a namespace that is not made, which would be the one of the machine', () => {
    expect(() => sysctlPath('net.ipv4.ip_forward', ['ipc'])).toThrow(/whole machine/);
  });
});
