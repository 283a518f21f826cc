// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  capabilities,
  defaultCapabilities,
  defaultLinuxSpec,
  encodeJson,
  isSpec,
  parseSpec,
  privileged,
  rootless,
  type Spec,
  withAdditionalGids,
  withAnnotations,
  withCapabilities,
  withDeviceRules,
  withDevices,
  withEnv,
  withHooks,
  withHostname,
  withMaskedPaths,
  withMounts,
  withNamespace,
  withoutDevices,
  withoutMounts,
  withoutNamespace,
  withProcess,
  withReadonlyPaths,
  withResources,
  withRlimits,
  withRoot,
  withSeccomp,
  withSysctls,
  withUnmaskedPaths,
  withUser,
  withUserNamespace,
} from './index.ts';

const bare: Spec = { ociVersion: '1.3.0' };
const base = defaultLinuxSpec();

describe('edits', () => {
  it('leave what they are given as it was', () => {
    const before = structuredClone(base);
    privileged(withDevices(withMounts(base, [{ destination: '/x' }]), [{ path: '/dev/a', type: 'p' }]));
    expect(base).toEqual(before);
  });

  it('work on a spec that has nothing yet, give a valid one, and keep members that they do not know', () => {
    const steps: ((spec: Spec) => Spec)[] = [
      (spec) => withProcess(spec, { args: ['a'] }),
      (spec) => withUser(spec, { uid: 1, gid: 2 }),
      (spec) => withRlimits(spec, [{ type: 'RLIMIT_NPROC', soft: 1, hard: 1n }]),
      (spec) => withAdditionalGids(spec, [3]),
      (spec) => withEnv(spec, { A: 'b', C: undefined }),
      (spec) => withMounts(spec, [{ destination: '/a' }]),
      (spec) => withoutMounts(spec, ['/b']),
      (spec) => withUserNamespace(spec, { uidMappings: [], gidMappings: [] }),
      (spec) => withRoot(spec, { readonly: true }),
      (spec) => withHooks(spec, { poststop: [{ path: '/h' }] }),
      (spec) => withSysctls(spec, { 'a.b': '1', 'c.d': undefined }),
      (spec) => withMaskedPaths(spec, ['/m']),
      (spec) => withReadonlyPaths(spec, ['/r']),
      (spec) => withUnmaskedPaths(spec, ['/m']),
      (spec) => withSeccomp(spec, { defaultAction: 'SCMP_ACT_ALLOW' }),
      (spec) => withSeccomp(spec, undefined),
      (spec) => withoutDevices(spec, ['/dev/b']),
      (spec) => withDeviceRules(spec, [{ allow: true }]),
      (spec) => withNamespace(spec, { type: 'pid' }),
      (spec) => withoutNamespace(spec, 'ipc'),
      (spec) => withResources(spec, { pids: { limit: 1 } }),
      (spec) => withDevices(spec, [{ path: '/dev/a', type: 'c', major: 1, minor: 3 }]),
      (spec) => withCapabilities(spec, { add: ['kill'] }),
      (spec) => withHostname(spec, 'h'),
      (spec) => withAnnotations(spec, { a: 'b' }),
      (spec) => privileged(spec),
      (spec) => rootless(spec, { uid: 1, gid: 1 }),
    ];
    for (const step of steps) expect(isSpec(step(bare))).toBe(true);
    expect(isSpec(steps.reduce((spec, step) => step(spec), bare))).toBe(true);

    const withUnknown = parseSpec(
      '{"ociVersion":"1.3.0","later":1,"process":{"cwd":"/","later":2,"user":{"later":3}},"root":{"path":"r","later":4},' +
        '"hooks":{"later":5},"linux":{"later":6,"resources":{"later":18446744073709551616,"memory":{"later":8}}}}',
    );
    const kept = [...steps].slice(0, -2).reduce((spec, step) => step(spec), withUnknown);
    expect(kept).toMatchObject({
      later: 1,
      process: { later: 2, user: { later: 3 } },
      root: { path: 'r', later: 4 },
      hooks: { later: 5 },
      linux: { later: 6, resources: { later: 18446744073709551616n, memory: { later: 8 } } },
    });
    expect(new TextDecoder().decode(encodeJson(kept))).toContain('"later":18446744073709551616');
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
    ['drops all, whatever else is dropped', { drop: ['ALL', 'KILL'], add: ['KILL'] }, ['CAP_KILL']],
    [
      'adds all but what is dropped, even what is also added',
      { add: ['ALL', 'KILL'], drop: ['kill'] },
      capabilities.filter((c) => c !== 'CAP_KILL'),
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

describe('withoutMounts', () => {
  it('takes away a mount however its destination is written, and not those below', () => {
    const spec = withMounts(
      bare,
      ['/a', '/a/b', '/c'].map((destination) => ({ destination })),
    );
    expect(withoutMounts(spec, ['//a/x/../', '/nowhere']).mounts?.map((m) => m.destination)).toEqual([
      '/c',
      '/a/b',
    ]);
  });
});

describe('withEnv', () => {
  const spec = withProcess(bare, { env: ['A=1', 'B=2', 'A=3', 'C'] });

  it('sets in place, adds at the end, takes away, and leaves no second of a name', () => {
    const { process } = withEnv(spec, { A: '9=9', B: undefined, D: '', E: undefined });
    expect(process?.env).toEqual(['A=9=9', 'C', 'D=']);
  });

  it.each([
    ['an empty name', { '': 'x' }],
    ['a name with an equals sign', { 'A=B': 'x' }],
    ['a name with a NUL', { 'A\0': 'x' }],
    ['a value with a NUL', { A: 'x\0' }],
  ])('refuses %s', (_name, variables) => {
    expect(() => withEnv(spec, variables)).toThrow('cannot be set in an environment');
  });
});

describe('withAdditionalGids', () => {
  it('adds each group once', () => {
    expect(withAdditionalGids(withAdditionalGids(bare, [1, 2]), [2, 3]).process?.user).toEqual({
      additionalGids: [1, 2, 3],
    });
  });
});

describe('maps of words', () => {
  it('get entries and lose those of undefined', () => {
    const spec = withSysctls(withAnnotations(bare, { a: '1', b: '2' }), { 'x.y': '1' });
    expect(withAnnotations(spec, { a: undefined, c: '3' }).annotations).toEqual({ b: '2', c: '3' });
    expect(withSysctls(spec, { 'x.y': undefined }).linux?.sysctl).toEqual({});
  });

  it('hold a key named __proto__ as any other', () => {
    const key = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    expect(Object.entries(withAnnotations(bare, key).annotations ?? {})).toEqual([['__proto__', 'x']]);
  });
});

describe('withHooks', () => {
  it('adds after those of the same point, and leaves the others', () => {
    const first = withHooks(bare, { prestart: [{ path: '/a' }], poststop: [{ path: '/b' }] });
    expect(withHooks(first, { prestart: [{ path: '/c' }] }).hooks).toEqual({
      prestart: [{ path: '/a' }, { path: '/c' }],
      poststop: [{ path: '/b' }],
    });
  });
});

describe('hidden paths', () => {
  const spec = withReadonlyPaths(withMaskedPaths(bare, ['/a', '/b']), ['/b', '/c']);

  it('are each there once', () => {
    expect(withMaskedPaths(spec, ['/a', '/d']).linux?.maskedPaths).toEqual(['/a', '/b', '/d']);
  });

  it.each([
    [['/b'], ['/a'], ['/c']],
    [['ALL'], [], []],
  ])('%j are no longer masked nor read-only', (paths, maskedPaths, readonlyPaths) => {
    expect(withUnmaskedPaths(spec, paths).linux).toEqual({ maskedPaths, readonlyPaths });
  });
});

describe('withUserNamespace', () => {
  it('sets the ids with the namespace', () => {
    const mappings = {
      uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
      gidMappings: [{ containerID: 0, hostID: 200_000, size: 65_536 }],
    };
    expect(withUserNamespace(bare, mappings).linux).toEqual({ namespaces: [{ type: 'user' }], ...mappings });
  });
});

describe('rootless', () => {
  it('takes away what a user may not do', () => {
    const spec = rootless(withNamespace(base, { type: 'user', path: '/p' }), { uid: 1000, gid: 100 });
    expect(spec.linux?.namespaces?.map(({ type }) => type)).toEqual(['pid', 'ipc', 'uts', 'mount', 'user']);
    expect(spec.linux?.uidMappings).toEqual([{ containerID: 0, hostID: 1000, size: 1 }]);
    expect(spec.linux).not.toHaveProperty('resources');
    expect(JSON.stringify(spec.mounts)).not.toContain('gid=');
    expect(spec.mounts?.find(({ destination }) => destination === '/sys')?.options).toContain('rbind');
  });
});

describe('withSeccomp', () => {
  it('sets a filter, and takes it away with nothing else', () => {
    const confined = withSeccomp(base, { defaultAction: 'SCMP_ACT_ALLOW' });
    expect(confined.linux?.seccomp).toEqual({ defaultAction: 'SCMP_ACT_ALLOW' });
    expect(withSeccomp(confined, undefined)).toEqual(base);
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

describe('withoutDevices', () => {
  const zero = { path: '/dev/zero2', type: 'c', major: 1, minor: 5 } as const;
  const same = { path: '/dev/zero3', type: 'u', major: 1, minor: 5 } as const;
  const deny = { allow: false, access: 'rwm' };

  it('takes the node and its right away', () => {
    const spec = withoutDevices(withDevices(base, [zero]), ['/dev/zero2']);
    expect(spec.linux?.devices).toEqual([]);
    expect(spec.linux?.resources?.devices).toEqual([deny]);
  });

  it('leaves the right where another node is the same device', () => {
    const spec = withoutDevices(withDevices(base, [zero, same]), ['/dev/zero2']);
    expect(spec.linux?.devices).toEqual([same]);
    expect(spec.linux?.resources?.devices).toContainEqual({
      allow: true,
      type: 'c',
      major: 1,
      minor: 5,
      access: 'rwm',
    });
  });

  it('leaves rules that deny, and rules for many', () => {
    const many = { allow: true, type: 'c', major: 1, access: 'r' };
    const spec = withoutDevices(withDeviceRules(withDevices(base, [zero]), [many]), ['/dev/zero2']);
    expect(spec.linux?.resources?.devices).toEqual([deny, many]);
  });

  it('makes a node that is added twice count once', () => {
    const spec = withDevices(withDevices(base, [zero]), [{ ...zero, access: 'r' }]);
    expect(spec.linux?.devices).toEqual([zero]);
    expect(spec.linux?.resources?.devices).toEqual([
      deny,
      { allow: true, type: 'c', major: 1, minor: 5, access: 'r' },
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
