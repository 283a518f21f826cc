// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { withAllowedAnnotations, withAllowedPodAnnotations } from './allowed-annotations.ts';

const all = ['devices.crio.io', 'shm-size.crio.io', 'umask.crio.io', 'unified-cgroup.crio.io'];

function optionsOf(annotations: Record<string, string>, allowed: readonly string[] = all) {
  return withAllowedAnnotations(
    { image: 'x', resources: { pidsLimit: 5 } },
    { allowedAnnotations: { runc: allowed, other: all }, allowedDevices: ['/dev/fuse'] },
    { runtime: 'runc', annotations, container: 'main' },
  );
}

describe('annotations of a pod', () => {
  it('change its containers as far as they are allowed', () => {
    const annotations = {
      'devices.crio.io': '/dev/fuse, /dev/fuse:/dev/mine:r',
      'umask.crio.io': '0077',
      'unified-cgroup.crio.io/main': 'memory.high=1000; pids.max=5',
      'unified-cgroup.crio.io/side': 'memory.high=7',
    };
    expect(optionsOf(annotations)).toEqual({
      image: 'x',
      devices: [
        { hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rwm' },
        { hostPath: '/dev/fuse', containerPath: '/dev/mine', permissions: 'r' },
      ],
      umask: 0o077,
      resources: { pidsLimit: 5, unified: { 'memory.high': '1000', 'pids.max': '5' } },
    });
    const untouched = { image: 'x', resources: { pidsLimit: 5 } };
    expect(optionsOf(annotations, [])).toEqual(untouched);
    expect(optionsOf(annotations, ['umask.crio.io'])).toEqual({ ...untouched, umask: 0o077 });
  });

  it('may have their names of former days', () => {
    const options = optionsOf(
      { 'io.kubernetes.cri-o.umask': '27', 'io.kubernetes.cri-o.UnifiedCgroup.main': 'pids.max=6' },
      ['io.kubernetes.cri-o.umask', 'io.kubernetes.cri-o.UnifiedCgroup'],
    );
    expect(options).toMatchObject({ umask: 0o027, resources: { unified: { 'pids.max': '6' } } });
  });

  it.each([
    ['devices.crio.io', '/dev/sda', Code.PermissionDenied, '"/dev/sda" is not among allowed_devices'],
    ['devices.crio.io', '/dev/../etc', Code.PermissionDenied, 'is not among allowed_devices'],
    [
      'devices.crio.io',
      '/etc/passwd',
      Code.InvalidArgument,
      'annotation devices.crio.io: "/etc/passwd" is not',
    ],
    ['umask.crio.io', '99', Code.InvalidArgument, '"99" is not an octal number'],
    ['unified-cgroup.crio.io/main', 'memory.high', Code.InvalidArgument, 'is not key=value;key=value'],
  ])('that are wrong are refused: %s %s', (name, value, code, message) => {
    expect(() => optionsOf({ [name]: value })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['67108864', 2 ** 26],
    ['64Mi', 2 ** 26],
    ['64m', 2 ** 26],
    ['1g', 2 ** 30],
  ])('size /dev/shm: %s', (value, shmSizeBytes) => {
    const settings = { allowedAnnotations: { runc: all } };
    const annotations = { 'shm-size.crio.io': value };
    expect(withAllowedPodAnnotations({ annotations }, settings, 'runc')).toEqual({
      annotations,
      shmSizeBytes,
    });
    expect(withAllowedPodAnnotations({ annotations }, settings, 'other')).toEqual({ annotations });
  });

  it.each(['0', '-1', '64Q', '', '1e9'])('give no size: %j', (value) => {
    const settings = { allowedAnnotations: { runc: all } };
    expect(() =>
      withAllowedPodAnnotations({ annotations: { 'shm-size.crio.io': value } }, settings, 'runc'),
    ).toThrow('is not a size such as 64Mi');
  });
});
