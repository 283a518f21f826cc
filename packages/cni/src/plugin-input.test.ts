// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { attachmentEnv, capabilityArgs, checkAsked, pluginInput } from './plugin-input.ts';
import type { CniPortMapping } from './types.ts';

const invalid = expect.objectContaining({ code: Code.InvalidArgument });

describe('the environment of a plugin', () => {
  it('holds the attachment', () => {
    const args = { K8S_POD_NAME: 'web=1' };
    expect(attachmentEnv({ containerId: 'c1', netnsPath: '/run/netns/x', args })).toEqual({
      CNI_CONTAINERID: 'c1',
      CNI_IFNAME: 'eth0',
      CNI_NETNS: '/run/netns/x',
      CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=web=1',
    });
  });

  it.each(['', '-c', '../x', 'a b', 'a/b', 'a\0', 'a'.repeat(129)])(
    'is refused for the container %j',
    (containerId) => {
      expect(() => attachmentEnv({ containerId })).toThrow(invalid);
    },
  );

  it.each(['', '.', '..', 'a/b', 'a:b', 'a b', 'a\u0007', 'sixteen-letters!', 'ééééééééé'])(
    'is refused for the interface %j',
    (ifName) => {
      expect(() => attachmentEnv({ containerId: 'c1', ifName })).toThrow(invalid);
    },
  );

  it.each([{ 'a;b': 'x' }, { '': 'x' }, { 'a=b': 'x' }, { a: 'x;IP=10.0.0.1' }, { a: 'x\0' }])(
    'is refused for the arguments %j',
    (args) => {
      expect(() => attachmentEnv({ containerId: 'c1', args })).toThrow(invalid);
    },
  );
});

describe('the input of a plugin', () => {
  const plugin = {
    type: 'portmap',
    snat: true,
    capabilities: { portMappings: true },
    runtimeConfig: { mac: 'evil' },
    prevResult: {},
    'cni.dev/valid-attachments': [],
  };
  const list = { cniVersion: '1.0.0', name: 'net', plugins: [plugin] };

  it('is its own settings and what it asked for, but not what a file put in the place of the runtime', () => {
    const given = capabilityArgs({
      portMappings: [{ hostPort: 8080, containerPort: 80, hostIp: '127.0.0.1' }],
      runtimeConfig: { mac: '02:00:00:00:00:01' },
    });
    expect(pluginInput(list, plugin, given, { ips: [] })).toEqual({
      type: 'portmap',
      snat: true,
      capabilities: { portMappings: true },
      name: 'net',
      cniVersion: '1.0.0',
      runtimeConfig: {
        portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '127.0.0.1' }],
      },
      prevResult: { ips: [] },
    });
    expect(pluginInput(list, plugin, {}, undefined)).not.toHaveProperty('runtimeConfig');
  });

  const mappings: Partial<CniPortMapping>[] = [
    { hostPort: 0 },
    { hostPort: 65_536 },
    { containerPort: 1.5 },
    { containerPort: -1 },
    { hostIp: 'localhost' },
    { hostIp: '1.2.3.4 -j ACCEPT' },
  ];
  it.each(mappings)('is refused with the port mapping %j', (part) => {
    const mapping = { hostPort: 8080, containerPort: 80, ...part };
    expect(() => capabilityArgs({ portMappings: [mapping] })).toThrow(invalid);
  });

  it('is refused when no plugin would map the ports', () => {
    const portMappings = [{ hostPort: 8080, containerPort: 80 }];
    expect(() => checkAsked(list, { portMappings })).not.toThrow();
    expect(() => checkAsked({ ...list, plugins: [{ type: 'bridge' }] }, { portMappings })).toThrow(
      expect.objectContaining({ code: Code.FailedPrecondition, reason: 'CNI_NO_PORTS' }),
    );
  });
});
