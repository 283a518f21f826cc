// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  capabilities,
  defaultCapabilities,
  defaultLinuxSpec,
  isSpec,
  privileged,
  type Spec,
  withAnnotations,
  withCapabilities,
  withDevices,
  withHostname,
  withMounts,
  withNamespace,
  withoutNamespace,
  withProcess,
  withResources,
  withRlimits,
  withUser,
} from './index.ts';

const bare: Spec = { ociVersion: '1.3.0' };
const base = defaultLinuxSpec();

describe('edits', () => {
  it('leave what they are given as it was', () => {
    const before = structuredClone(base);
    privileged(withDevices(withMounts(base, [{ destination: '/x' }]), [{ path: '/dev/a', type: 'p' }]));
    expect(base).toEqual(before);
  });

  it('work on a spec that has nothing yet, and give a valid one', () => {
    const steps: ((spec: Spec) => Spec)[] = [
      (spec) => withProcess(spec, { args: ['a'] }),
      (spec) => withUser(spec, { uid: 1, gid: 2 }),
      (spec) => withRlimits(spec, [{ type: 'RLIMIT_NPROC', soft: 1, hard: 1n }]),
      (spec) => withMounts(spec, [{ destination: '/a' }]),
      (spec) => withNamespace(spec, { type: 'pid' }),
      (spec) => withoutNamespace(spec, 'ipc'),
      (spec) => withResources(spec, { pids: { limit: 1 } }),
      (spec) => withDevices(spec, [{ path: '/dev/a', type: 'c', major: 1, minor: 3 }]),
      (spec) => withCapabilities(spec, { add: ['kill'] }),
      (spec) => withHostname(spec, 'h'),
      (spec) => withAnnotations(spec, { a: 'b' }),
      (spec) => privileged(spec),
    ];
    for (const step of steps) expect(isSpec(step(bare))).toBe(true);
    expect(isSpec(steps.reduce((spec, step) => step(spec), bare))).toBe(true);
  });
});

describe('withMounts', () => {
  it('replaces a mount of the same destination, however it is written', () => {
    const spec = withMounts(base, [{ destination: '//dev/./shm/', type: 'bind', source: '/s' }]);
    expect(spec.mounts?.filter(({ destination }) => destination.includes('shm'))).toEqual([
      { destination: '//dev/./shm/', type: 'bind', source: '/s' },
    ]);
  });

  it('makes a mount above before the mounts below it', () => {
    const spec = withMounts(
      bare,
      ['/a/b/c', '/a', '/a/b', '/'].map((destination) => ({ destination })),
    );
    expect(spec.mounts?.map(({ destination }) => destination)).toEqual(['/', '/a', '/a/b', '/a/b/c']);
  });
});

describe('namespaces', () => {
  it('are one of each type', () => {
    const spec = withNamespace(base, { type: 'network', path: '/run/netns/a' });
    expect(spec.linux?.namespaces?.filter(({ type }) => type === 'network')).toEqual([
      { type: 'network', path: '/run/netns/a' },
    ]);
    const without = withoutNamespace(spec, 'network');
    expect(without.linux?.namespaces?.map(({ type }) => type)).toEqual(['pid', 'ipc', 'uts', 'mount']);
  });
});

describe('withCapabilities', () => {
  const bounding = (spec: Spec): readonly string[] | undefined => spec.process?.capabilities?.bounding;

  const cases: [string, Parameters<typeof withCapabilities>[1], readonly string[]][] = [
    ['adds to the default', { add: ['net_raw'] }, [...defaultCapabilities, 'CAP_NET_RAW']],
    [
      'takes away',
      { drop: ['CAP_KILL', 'chown'] },
      defaultCapabilities.filter((c) => !/KILL|CHOWN$/.test(c)),
    ],
    ['drops all but what is added', { drop: ['all'], add: ['SETUID'] }, ['CAP_SETUID']],
    [
      'adds all but what is dropped',
      { add: ['ALL'], drop: ['SYS_ADMIN'] },
      capabilities.filter((c) => c !== 'CAP_SYS_ADMIN'),
    ],
    ['means by all what is available', { add: ['ALL'], available: ['CAP_KILL'] }, ['CAP_KILL']],
    ['gives nothing that is not available', { add: ['BPF'], available: ['CAP_KILL'] }, ['CAP_KILL']],
  ];
  it.each(cases)('%s', (_name, change, expected) => {
    const spec = withCapabilities(base, change);
    const sorted = capabilities.filter((name) => expected.includes(name));
    expect(bounding(spec)).toEqual(sorted);
    expect(spec.process?.capabilities).toEqual({ bounding: sorted, effective: sorted, permitted: sorted });
  });

  it.each([
    ['an unknown name', { add: ['CAP_FLY'] }, '"CAP_FLY" is not a capability'],
    ['a name both added and dropped', { add: ['KILL'], drop: ['cap_kill'] }, 'CAP_KILL is both'],
    ['all both added and dropped', { add: ['ALL'], drop: ['all'] }, 'ALL is both'],
  ])('refuses %s', (_name, change, message) => {
    expect(() => withCapabilities(base, change)).toThrow(message);
  });
});

describe('withResources', () => {
  it('merges limits and replaces lists', () => {
    const first = withResources(base, { memory: { limit: 1, swap: 2 }, unified: { a: '1' } });
    const spec = withResources(first, { memory: { limit: 3 }, unified: { b: '2' }, devices: [] });
    expect(spec.linux?.resources).toEqual({
      devices: [],
      memory: { limit: 3, swap: 2 },
      unified: { a: '1', b: '2' },
    });
  });
});

describe('withDevices', () => {
  it('adds the node and the right to use it, after what denied it', () => {
    const fuse = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 } as const;
    const spec = withDevices(base, [{ ...fuse, access: 'rw' }]);
    expect(spec.linux?.devices).toEqual([fuse]);
    expect(spec.linux?.resources?.devices).toEqual([
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
    ]);
  });
});

describe('privileged', () => {
  const spec = privileged(withProcess(base, { noNewPrivileges: true, apparmorProfile: 'p' }), {
    available: ['CAP_SYS_ADMIN', 'CAP_CHOWN'],
  });

  it('has what is available and hides nothing', () => {
    expect(spec.process?.capabilities?.bounding).toEqual(['CAP_CHOWN', 'CAP_SYS_ADMIN']);
    expect(spec.linux).not.toHaveProperty('maskedPaths');
    expect(spec.linux).not.toHaveProperty('readonlyPaths');
    expect(spec.process).not.toHaveProperty('noNewPrivileges');
    expect(spec.process).not.toHaveProperty('apparmorProfile');
    expect(spec.linux?.resources?.devices).toEqual([{ allow: true, access: 'rwm' }]);
  });

  it('may write to sysfs and cgroups', () => {
    const options = (path: string): readonly string[] | undefined =>
      spec.mounts?.find(({ destination }) => destination === path)?.options;
    expect(options('/sys')).toContain('rw');
    expect(options('/sys/fs/cgroup')).not.toContain('ro');
  });
});
