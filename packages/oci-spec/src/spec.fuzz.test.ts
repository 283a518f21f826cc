// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { fuzz } from '../test/fuzz.ts';
import { isSpec, parseSpec, unlimited } from './index.ts';

/** Of each kind of member one, so that most changes hit something that is checked. */
const spec = {
  ociVersion: '1.3.0',
  process: {
    ...{ cwd: '/', args: ['sh'], env: ['A=b'], terminal: true, consoleSize: { height: 1, width: 2 } },
    user: { uid: 0, gid: 0, additionalGids: [1] },
    capabilities: { bounding: ['CAP_KILL'] },
    rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: unlimited }],
    oomScoreAdj: -5,
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 4 },
  },
  root: { path: 'r', readonly: true },
  mounts: [{ destination: '/proc', type: 'proc', options: ['ro'] }],
  hooks: { prestart: [{ path: '/hook', timeout: 5 }] },
  annotations: { 'org.x': 'y' },
  linux: {
    namespaces: [{ type: 'pid' }, { type: 'network', path: '/n' }],
    uidMappings: [{ containerID: 0, hostID: 1, size: 2 }],
    sysctl: { 'a.b': '1' },
    devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438 }],
    rootfsPropagation: 'rslave',
    maskedPaths: ['/proc/keys'],
    resources: {
      devices: [{ allow: false, access: 'rwm' }],
      memory: { limit: 2n ** 63n - 4096n, swap: -1 },
      cpu: { shares: 2, cpus: '0-3' },
      pids: { limit: 7 },
      hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
      unified: { 'memory.high': '1' },
    },
    seccomp: {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86'],
      syscalls: [
        {
          names: ['clone'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 2n ** 60n, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    },
  },
};

it('parseSpec stands 100,000 broken documents', () => {
  expect(fuzz(spec, parseSpec, isSpec)).toBeGreaterThan(10_000);
}, 120_000);
