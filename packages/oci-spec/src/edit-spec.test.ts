// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
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

describe('withHooks', () => {
  it('adds after those of the same point, and leaves the others', () => {
    const first = withHooks(bare, { prestart: [{ path: '/a' }], poststop: [{ path: '/b' }] });
    expect(withHooks(first, { prestart: [{ path: '/c' }] }).hooks).toEqual({
      prestart: [{ path: '/a' }, { path: '/c' }],
      poststop: [{ path: '/b' }],
    });
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
