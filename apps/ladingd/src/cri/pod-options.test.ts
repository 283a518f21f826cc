// SPDX-License-Identifier: Apache-2.0
import { decode, encode, type Input, NamespaceMode, type PodSandboxConfig, Protocol } from '@lading/cri-api';
import type { PodOptions } from '@lading/engine';
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { podOptions } from './pod-options.ts';

/** A config as it comes over the wire: with its zero values. */
function sandbox(config: Input<PodSandboxConfig> = {}): PodSandboxConfig {
  const metadata = { name: 'web', uid: 'u', namespace: 'shop', attempt: 0 };
  return decode('PodSandboxConfig', encode('PodSandboxConfig', { metadata, ...config })) as PodSandboxConfig;
}

const namespaces = (namespaceOptions: object): Input<PodSandboxConfig> => ({
  linux: { securityContext: { namespaceOptions } },
});

it('makes a pod of the least that there can be', () => {
  expect(podOptions(sandbox(), '')).toEqual({
    name: 'k8s_POD_web_shop_u_0',
    hostname: 'web',
    labels: {},
    annotations: {},
    network: 'default',
    namespaces: { pid: 'private', ipc: 'pod', uts: 'pod' },
    portMappings: [],
    cniArgs: { IgnoreUnknown: '1', K8S_POD_NAMESPACE: 'shop', K8S_POD_NAME: 'web', K8S_POD_UID: 'u' },
    metadata: {
      cri: {
        metadata: { name: 'web', uid: 'u', namespace: 'shop', attempt: 0 },
        logDirectory: '',
        namespaces: { network: NamespaceMode.POD, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD },
        runtimeHandler: '',
      },
    },
  });
});

it.each([
  ['pid of a container', { pid: NamespaceMode.CONTAINER }, { pid: 'private', ipc: 'pod', uts: 'pod' }],
  ['pid of the pod', { pid: NamespaceMode.POD }, { pid: 'pod', ipc: 'pod', uts: 'pod' }],
  ['all of the node', { network: 2, pid: 2, ipc: 2 }, { pid: 'host', ipc: 'host', uts: 'host' }],
])('shares %s', (_what, modes, expected) => {
  expect(podOptions(sandbox(namespaces(modes)), '').namespaces).toEqual(expected);
});

it('on the network of the node has its hostname, unless it is given one', () => {
  const modes = namespaces({ network: NamespaceMode.NODE });
  expect(podOptions(sandbox(modes), '')).toMatchObject({ network: 'host' });
  expect(podOptions(sandbox(modes), '')).not.toHaveProperty('hostname');
  expect(podOptions(sandbox({ ...modes, hostname: 'node1' }), '').hostname).toBe('node1');
});

it.each([
  ['my_pod', 'my-pod'],
  ['-a.', 'a'],
  ['x'.repeat(80), 'x'.repeat(63)],
  ['...', undefined],
])('makes of the name %s the hostname %s', (name, hostname) => {
  const metadata = { name, uid: 'u', namespace: 'n' };
  expect(podOptions(sandbox({ metadata }), '').hostname).toBe(hostname);
});

it('maps only ports that have one on the host', () => {
  const portMappings = [
    { protocol: Protocol.TCP, containerPort: 80 },
    { protocol: Protocol.UDP, containerPort: 53, hostPort: 5353, hostIp: '127.0.0.1' },
    { protocol: Protocol.SCTP, containerPort: 1, hostPort: 2 },
  ];
  expect(podOptions(sandbox({ portMappings }), '').portMappings).toEqual([
    { protocol: 'udp', containerPort: 53, hostPort: 5353, hostIp: '127.0.0.1' },
    { protocol: 'sctp', containerPort: 1, hostPort: 2 },
  ]);
});

it('passes on what the engine has the same words for', () => {
  const dns = { servers: ['10.0.0.10'], searches: ['cluster.local'], options: ['ndots:5'] };
  const config = sandbox({
    dnsConfig: dns,
    labels: { a: '1' },
    linux: { cgroupParent: '/kubepods/x', sysctls: { 'net.core.somaxconn': '1024' } },
  });
  expect(podOptions(config, 'crun')).toMatchObject({
    dns,
    labels: { a: '1' },
    cgroupParent: '/kubepods/x',
    sysctls: { 'net.core.somaxconn': '1024' },
    runtime: 'crun',
  });
});

describe('a user namespace', () => {
  const ids = [{ hostId: 100_000, containerId: 0, length: 65_536 }];
  const optionsFor = (usernsOptions: object): PodOptions =>
    podOptions(sandbox(namespaces({ usernsOptions })), '');

  it('of a pod has its ids, and that of the node none', () => {
    const map = [{ hostId: 100_000, containerId: 0, size: 65_536 }];
    const { idMaps } = optionsFor({ mode: NamespaceMode.POD, uids: ids, gids: ids });
    expect(idMaps).toEqual({ uidMap: map, gidMap: map });
    expect(optionsFor({ mode: NamespaceMode.NODE }).idMaps).toBeUndefined();
  });

  it.each([
    ['a pod without ids', { mode: NamespaceMode.POD }, 'need uids and gids'],
    ['a pod without ids of groups', { mode: NamespaceMode.POD, uids: ids }, 'need uids and gids'],
    ['the node with ids', { mode: NamespaceMode.NODE, gids: ids }, 'of mode NODE have ids'],
    ['a container', { mode: NamespaceMode.CONTAINER, uids: ids, gids: ids }, 'neither POD nor NODE'],
    ['another mode', { mode: 17, uids: ids, gids: ids }, 'neither POD nor NODE'],
  ])('of %s is refused', (_what, options, message) => {
    expect(() => optionsFor(options)).toThrow(
      expect.objectContaining({
        code: Code.InvalidArgument,
        message: expect.stringContaining(message),
      }),
    );
  });
});
