// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type FeatureQuery, type Features, supports } from './index.ts';

const old: Features = { ociVersionMin: '1.0.0', ociVersionMax: '1.0.2-dev' };
const full: Features = {
  ociVersionMin: '1.0.0',
  ociVersionMax: '1.3.0+dev',
  hooks: ['poststop'],
  mountOptions: ['ro', 'rro'],
  linux: {
    namespaces: ['user'],
    capabilities: ['CAP_CHOWN'],
    cgroup: { v1: false, v2: true },
    seccomp: {
      enabled: true,
      actions: ['SCMP_ACT_ALLOW'],
      archs: ['SCMP_ARCH_X86'],
      supportedFlags: ['SECCOMP_FILTER_FLAG_LOG'],
    },
    apparmor: { enabled: true },
    selinux: { enabled: false },
    mountExtensions: { idmap: { enabled: true } },
    netDevices: { enabled: true },
    memoryPolicy: { modes: ['MPOL_BIND'] },
  },
};

describe('supports', () => {
  const cases: [FeatureQuery, boolean | undefined, boolean | undefined][] = [
    [{}, true, true],
    [{ ociVersion: '1.0.2' }, true, true],
    [{ ociVersion: '1.3.0' }, true, false],
    [{ ociVersion: '1.3.1' }, false, false],
    [{ ociVersion: '1.10.0' }, false, false],
    [{ ociVersion: '0.9.9' }, false, false],
    [{ hook: 'poststop' }, true, undefined],
    [{ hook: 'prestart' }, false, undefined],
    [{ mountOption: 'rro' }, true, undefined],
    [{ namespace: 'user' }, true, undefined],
    [{ namespace: 'time' }, false, undefined],
    [{ capability: 'CAP_CHOWN' }, true, undefined],
    [{ cgroup: 'v2' }, true, undefined],
    [{ cgroup: 'v1' }, false, undefined],
    [{ cgroup: 'rdma' }, undefined, undefined],
    [{ seccomp: true }, true, undefined],
    [{ seccomp: 'SCMP_ACT_ALLOW' }, true, undefined],
    [{ seccomp: 'SCMP_ACT_NOTIFY' }, false, undefined],
    [{ seccomp: 'SCMP_ARCH_X86' }, true, undefined],
    [{ seccomp: 'SECCOMP_FILTER_FLAG_LOG' }, true, undefined],
    [{ seccomp: 'SECCOMP_FILTER_FLAG_TSYNC' }, false, undefined],
    [{ linux: 'apparmor' }, true, undefined],
    [{ linux: 'selinux' }, false, undefined],
    [{ linux: 'intelRdt' }, undefined, undefined],
    [{ linux: 'idmapMounts' }, true, undefined],
    [{ linux: 'netDevices' }, true, undefined],
    [{ linux: 'memoryPolicy' }, true, undefined],
    [{ cgroup: 'v2', linux: 'intelRdt' }, undefined, undefined],
    [{ cgroup: 'v1', linux: 'intelRdt' }, false, undefined],
    [{ cgroup: 'v2', mountOption: 'ro' }, true, undefined],
  ];
  it.each(cases)('%j is %s, and of a runtime that says little %s', (query, expected, ofOld) => {
    expect(supports(full, query)).toBe(expected);
    expect(supports(old, query)).toBe(ofOld);
  });

  it('has no part of a filter where seccomp was left out', () => {
    const without = { ...full, linux: { seccomp: { enabled: false, actions: ['SCMP_ACT_ALLOW'] } } };
    expect(supports(without, { seccomp: 'SCMP_ACT_ALLOW' })).toBe(false);
  });
});
