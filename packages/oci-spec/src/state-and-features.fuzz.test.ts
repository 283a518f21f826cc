// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { fuzz } from '../test/fuzz.ts';
import {
  isContainerProcessState,
  isFeatures,
  isState,
  parseContainerProcessState,
  parseFeatures,
  parseState,
} from './index.ts';

const state = {
  ...{ ociVersion: '1.3.0', id: 'a', status: 'running', pid: 4, bundle: '/b' },
  annotations: { 'org.x': 'y' },
};
const features = {
  ...{ ociVersionMin: '1.0.0', ociVersionMax: '1.3.0+dev', hooks: ['prestart'], mountOptions: ['ro'] },
  annotations: { 'org.x': 'y' },
  linux: {
    ...{
      namespaces: ['user'],
      capabilities: ['CAP_CHOWN'],
      cgroup: { v2: true },
      apparmor: { enabled: true },
    },
    seccomp: { enabled: true, actions: ['SCMP_ACT_ALLOW'], archs: ['SCMP_ARCH_X86'] },
    mountExtensions: { idmap: { enabled: false } },
  },
};

const processState = { ociVersion: '1.3.0', fds: ['seccompFd'], pid: 4, metadata: 'm', state };

it.each([
  ['parseState', state, parseState, isState],
  ['parseContainerProcessState', processState, parseContainerProcessState, isContainerProcessState],
  ['parseFeatures', features, parseFeatures, isFeatures],
] as const)(
  '%s stands 100,000 broken documents',
  (_name, document, parse, is) => {
    expect(fuzz(document, parse, is)).toBeGreaterThan(10_000);
  },
  120_000,
);
