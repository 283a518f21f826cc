// SPDX-License-Identifier: Apache-2.0
import { defaultLinuxSpec, type Spec } from '@lading/oci-spec';
import { expect, it } from 'vitest';
import { startsSystemd, withSystemd } from './systemd.ts';

const id = '0123456789abcdef'.repeat(4);

const cgroupsOf = (spec: Spec) =>
  spec.mounts?.filter(({ destination }) => destination.startsWith('/sys/fs/cgroup'));

it('knows systemd by its name, and the init of a system by its place', () => {
  const found = ['systemd', '/x/systemd', '/sbin/init', '/usr/sbin/init', 'init', '/usr/bin/init', 'sh'].map(
    (program) => startsSystemd({ systemd: 'auto' }, [program]),
  );
  expect(found).toEqual([true, true, true, true, false, false, false]);
  expect(startsSystemd({ systemd: true }, ['sh'])).toBe(true);
  expect(startsSystemd({}, ['systemd'])).toBe(false);
});

it('gives the groups of version 2 for writing to one with a namespace of its own', () => {
  const spec = withSystemd(defaultLinuxSpec({ cgroupVersion: 2 }), { id, cgroupVersion: 2 });
  expect(cgroupsOf(spec)).toMatchObject([{ destination: '/sys/fs/cgroup' }]);
  expect(cgroupsOf(spec)?.[0]?.options).toContain('rw');
  expect(cgroupsOf(spec)?.[0]?.options).not.toContain('ro');
  expect(spec.process?.env).toContain(`container_uuid=${id.slice(0, 32)}`);
});

it('keeps the groups of the host from being written to', () => {
  const spec = withSystemd(defaultLinuxSpec({ cgroupVersion: 1 }), { id, cgroupVersion: 2 });
  expect(cgroupsOf(spec)?.[0]?.options).toContain('ro');
});

it('gives the hierarchy of systemd on version 1, without what the kernel would run', () => {
  const spec = withSystemd(defaultLinuxSpec({ cgroupVersion: 1 }), { id, cgroupVersion: 1 });
  expect(cgroupsOf(spec)?.map(({ destination }) => destination)).toEqual([
    '/sys/fs/cgroup',
    '/sys/fs/cgroup/systemd',
  ]);
  expect(spec.linux?.maskedPaths).toContain('/sys/fs/cgroup/systemd/release_agent');
});
