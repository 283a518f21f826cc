// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { expect, it } from 'vitest';
import { checkDefaults, withDefaults, withPodDefaults } from './container-defaults.ts';

it('changes nothing without settings', () => {
  const options = { image: 'a', env: { A: '1' } };
  expect(withDefaults(options, {})).toEqual(options);
});

it('gives containers what the configuration says, unless their request says otherwise', () => {
  const settings = {
    seccompProfile: '/p.json',
    defaultEnv: ['A=default', 'B=x=y', 'C'],
    readOnly: true,
    logSizeMax: 9000,
    pidsLimit: 7,
  };
  expect(withDefaults({ image: 'a', env: { A: 'own' }, resources: { cpuShares: 3 } }, settings)).toEqual({
    image: 'a',
    env: { A: 'own', B: 'x=y', C: '' },
    readOnlyRootfs: true,
    logSizeMaxBytes: 9000,
    resources: { pidsLimit: 7, cpuShares: 3 },
    seccomp: { path: '/p.json' },
  });
  expect(withDefaults({ image: 'a', seccomp: 'unconfined' }, settings).seccomp).toBe('unconfined');
});

it.each([
  ['web', undefined, { profile: 'web', ifEnabled: true }],
  ['unconfined', undefined, 'unconfined'],
  ['crio-default', undefined, undefined],
  ['web', 'unconfined', 'unconfined'],
] as const)('confines with AppArmor by %s a container that asks for %s: %j', (profile, asked, expected) => {
  const options = { image: 'a', ...(asked && { apparmor: asked }) };
  expect(withDefaults(options, { apparmorProfile: profile }).apparmor).toEqual(expected);
});

it('takes small numbers for no limit', () => {
  expect(withDefaults({ image: 'a' }, { logSizeMax: 100, pidsLimit: 0 })).toEqual({ image: 'a' });
});

it('gives them rights, limits, devices and annotations', () => {
  const settings = {
    defaultCapabilities: ['CHOWN'],
    defaultUlimits: ['nofile=1024:2048', 'core=-1'],
    additionalDevices: ['/dev/a', '/dev/b:rw', '/dev/c:/dev/d', '/dev/e:/dev/f:r'],
    defaultAnnotations: { crun: { a: 'default', b: 'default' }, runc: { c: 'other' } },
  };
  const own = {
    image: 'a',
    capabilities: { add: ['KILL'] },
    devices: [{ hostPath: '/dev/own' }],
    annotations: { a: 'own' },
  };
  expect(withDefaults(own, settings, 'crun')).toEqual({
    image: 'a',
    capabilities: { add: ['KILL'], defaults: ['CHOWN'] },
    rlimits: [
      { type: 'nofile', soft: 1024, hard: 2048 },
      { type: 'core', soft: -1, hard: -1 },
    ],
    devices: [
      { hostPath: '/dev/a', containerPath: '/dev/a', permissions: 'rwm' },
      { hostPath: '/dev/b', containerPath: '/dev/b', permissions: 'rw' },
      { hostPath: '/dev/c', containerPath: '/dev/d', permissions: 'rwm' },
      { hostPath: '/dev/e', containerPath: '/dev/f', permissions: 'r' },
      { hostPath: '/dev/own' },
    ],
    annotations: { a: 'own', b: 'default' },
  });
});

it.each([
  ['defaultUlimits', 'nofile', 'default_ulimits: "nofile" is not of the form name=soft:hard'],
  ['defaultUlimits', 'nofile=a:b', 'default_ulimits'],
  ['additionalDevices', '/etc/passwd', 'additional_devices'],
  ['additionalDevices', '/dev/a:x', 'additional_devices'],
  ['additionalDevices', '/dev/a:/dev/b:r:w', 'additional_devices'],
])('refuses %s of the form %s', (key, line, message) => {
  expect(() => withDefaults({ image: 'a' }, { [key]: [line] })).toThrow(
    expect.objectContaining({ code: Code.InvalidArgument, message: expect.stringContaining(message) }),
  );
});

it('gives pods kernel parameters of the namespaces that they have', () => {
  const settings = { defaultSysctls: ['net.ipv4.ping_group_range=0 0', 'kernel.shmmni=77'] };
  expect(withPodDefaults({ sysctls: { 'kernel.shmmni': '5' } }, settings).sysctls).toEqual({
    'net.ipv4.ping_group_range': '0 0',
    'kernel.shmmni': '5',
  });
  const ofNode = withPodDefaults({ network: 'host', namespaces: { ipc: 'host' } }, settings);
  expect(ofNode.sysctls).toBeUndefined();
});

it.each([
  [{ defaultSysctls: ['net.core.somaxconn'] }, 'crio.runtime.default_sysctls: "net.core.somaxconn" is not'],
  [{ defaultSysctls: ['net.core.somaxconn='] }, 'crio.runtime.default_sysctls: "net.core.somaxconn=" is not'],
  [{ defaultEnv: ['A=1', '=2'] }, 'crio.runtime.default_env: "=2" is not of the form name=value'],
  [{ defaultUlimits: ['nofile'] }, 'crio.runtime.default_ulimits: "nofile" is not of the form'],
])('%j is refused before a pod meets it', (settings, message) => {
  expect(() => checkDefaults(settings)).toThrow(message);
});
