// SPDX-License-Identifier: Apache-2.0
import {
  type ContainerConfig,
  decode,
  encode,
  type Input,
  type Mount,
  MountPropagation,
  NamespaceMode,
  ProfileType,
  Signal,
  SupplementalGroupsPolicy,
} from '@lading/cri-api';
import type { ContainerOptions } from '@lading/engine';
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { containerOptions, resourceLimits } from './container-options.ts';
import type { PodMetadata } from './metadata.ts';

const pod = { id: 'a'.repeat(64) };
const kept: PodMetadata = {
  metadata: { name: 'web', uid: 'u', namespace: 'shop', attempt: 0 },
  logDirectory: '/var/log/pods/web',
  namespaces: { network: NamespaceMode.POD, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD },
  runtimeHandler: '',
};

/** A config as it comes over the wire: with its zero values. */
function container(config: Input<ContainerConfig> = {}): ContainerConfig {
  const least = { metadata: { name: 'main' }, image: { image: 'app:1' } };
  return decode('ContainerConfig', encode('ContainerConfig', { ...least, ...config })) as ContainerConfig;
}

function optionsOf(config?: Input<ContainerConfig>, logDirectory = kept.logDirectory): ContainerOptions {
  return containerOptions(container(config), pod, { ...kept, logDirectory }, 'image-id');
}

const security = (securityContext: object): Input<ContainerConfig> => ({ linux: { securityContext } });

it('makes a container of the least that there can be', () => {
  expect(optionsOf()).toEqual({
    image: 'image-id',
    pull: 'never',
    name: 'k8s_main_web_shop_u_0',
    pod: pod.id,
    env: {},
    mounts: [],
    devices: [],
    labels: {},
    annotations: {},
    stdin: false,
    stdinOnce: false,
    terminal: false,
    logDriver: 'none',
    seccomp: 'unconfined',
    metadata: {
      cri: {
        metadata: { name: 'main', attempt: 0 },
        image: 'app:1',
        userSpecifiedImage: '',
        mounts: [],
        logPath: '',
      },
    },
  });
});

it('replaces the entry point by command, and the rest by args', () => {
  expect(optionsOf({ command: ['a'] })).toMatchObject({ entrypoint: ['a'] });
  expect(optionsOf({ command: ['a'] })).not.toHaveProperty('command');
  expect(optionsOf({ args: ['b'] })).toMatchObject({ command: ['b'] });
  expect(optionsOf({ args: ['b'] })).not.toHaveProperty('entrypoint');
});

it('takes stdin_once for nothing without stdin', () => {
  expect(optionsOf({ stdinOnce: true })).toMatchObject({ stdin: false, stdinOnce: false });
  expect(optionsOf({ stdin: true, stdinOnce: true })).toMatchObject({ stdin: true, stdinOnce: true });
});

describe('variables', () => {
  it('keep every character, and the last of the same name wins', () => {
    const envs = [
      { key: 'A', value: Buffer.from('1') },
      { key: 'A', value: Buffer.from('\ufeffgrüß=\n') },
      { key: '__proto__', value: Buffer.from('x') },
    ];
    const { env = {} } = optionsOf({ envs });
    expect(Object.entries(env)).toEqual([
      ['A', '\ufeffgrüß=\n'],
      ['__proto__', 'x'],
    ]);
  });

  it('are refused when they are no UTF-8, without showing them', () => {
    const envs = [{ key: 'A', value: new Uint8Array([0xc3]) }];
    expect(() => optionsOf({ envs })).toThrow(
      expect.objectContaining({
        code: Code.InvalidArgument,
        message: 'the value of variable A is not UTF-8',
      }),
    );
  });
});

describe('the log path', () => {
  it.each([
    ['main/0.log', '/var/log/pods/web', '/var/log/pods/web/main/0.log'],
    ['a/../0.log', '/var/log/pods/web/', '/var/log/pods/web/0.log'],
    ['0.log', '/', '/0.log'],
  ])('%s in %s is %s', (logPath, folder, path) => {
    expect(optionsOf({ logPath }, folder)).toMatchObject({ logPath: path });
  });

  it.each([
    ['0.log', ''],
    ['', '/var/log'],
  ])('"%s" in "%s" means no log', (logPath, folder) => {
    expect(optionsOf({ logPath }, folder)).toMatchObject({ logDriver: 'none' });
  });

  it.each(['../x', 'a/../../x', '/etc/x', '.', '..', '../web2/x'])('%s is refused', (logPath) => {
    expect(() => optionsOf({ logPath })).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument, message: expect.stringContaining('leaves') }),
    );
  });
});

it.each([
  [MountPropagation.PROPAGATION_PRIVATE, 'rprivate'],
  [MountPropagation.PROPAGATION_HOST_TO_CONTAINER, 'rslave'],
  [MountPropagation.PROPAGATION_BIDIRECTIONAL, 'rshared'],
])('mounts with propagation %d as %s', (propagation, option) => {
  const mounts = [{ hostPath: '/h', containerPath: '/c', readonly: true, propagation }];
  expect(optionsOf({ mounts }).mounts).toEqual([
    { type: 'bind', source: '/h', target: '/c', readOnly: true, options: [option] },
  ]);
});

it('takes the stop signal by its name', () => {
  expect(optionsOf({ stopSignal: Signal.SIGNAL_SIGRTMINPLUS3 })).toMatchObject({ stopSignal: 'SIGRTMIN+3' });
});

describe('the security context', () => {
  it.each([
    ['0', { runAsUser: { value: 0n } }],
    ['33:34', { runAsUser: { value: 33n }, runAsGroup: { value: 34n } }],
    ['web', { runAsUsername: 'web' }],
    ['web:0', { runAsUsername: 'web', runAsGroup: { value: 0n } }],
    [undefined, {}],
  ])('can say that it runs as %s', (user, context) => {
    expect(optionsOf(security(context)).user).toBe(user);
  });

  it('masks what the kubelet says, also nothing, unless the container is privileged', () => {
    expect(optionsOf(security({ maskedPaths: ['/proc/kcore'] }))).toMatchObject({
      maskedPaths: ['/proc/kcore'],
      readonlyPaths: [],
    });
    expect(optionsOf(security({ privileged: true }))).not.toHaveProperty('maskedPaths');
  });

  it.each([
    [{ pid: NamespaceMode.CONTAINER }, 'private'],
    [{ pid: NamespaceMode.POD }, 'pod'],
    [{ pid: NamespaceMode.NODE }, 'host'],
    [{ pid: NamespaceMode.TARGET, targetId: 'abc' }, 'container:abc'],
  ])('%j has the pid namespace %s', (namespaceOptions, pid) => {
    expect(optionsOf(security({ namespaceOptions })).namespaces).toEqual({ pid });
  });

  const local = (localhostRef: string) => ({ profileType: ProfileType.Localhost, localhostRef });
  it.each<[string, object, Partial<ContainerOptions>]>([
    [
      'the filter of the runtime',
      { seccomp: { profileType: ProfileType.RuntimeDefault } },
      { seccomp: 'default' },
    ],
    ['no filter', { seccomp: { profileType: ProfileType.Unconfined } }, { seccomp: 'unconfined' }],
    ['no filter when nothing is said', {}, { seccomp: 'unconfined' }],
    ['the filter of a file', { seccomp: local('/etc/x.json') }, { seccomp: { path: '/etc/x.json' } }],
    [
      'the old word for the default filter',
      { seccompProfilePath: 'runtime/default' },
      { seccomp: 'default' },
    ],
    [
      'the old word for a file',
      { seccompProfilePath: 'localhost//x.json' },
      { seccomp: { path: '/x.json' } },
    ],
    ['no AppArmor', { apparmor: { profileType: ProfileType.Unconfined } }, { apparmor: 'unconfined' }],
    ['an AppArmor profile', { apparmor: local('web') }, { apparmor: { profile: 'web' } }],
    [
      'an AppArmor profile by the old field',
      { apparmorProfile: 'localhost/web' },
      { apparmor: { profile: 'web' } },
    ],
  ])('takes %s', (_what, given, expected) => {
    expect(optionsOf(security(given))).toMatchObject(expected);
  });

  it('leaves AppArmor to the default', () => {
    expect(optionsOf(security({ apparmor: { profileType: ProfileType.RuntimeDefault } }))).not.toHaveProperty(
      'apparmor',
    );
  });

  it.each([
    ['a relative file', { seccomp: local('x.json') }, 'not an absolute path'],
    ['a profile without a name', { apparmor: local('') }, 'names no profile'],
  ])('refuses %s', (_what, given, message) => {
    expect(() => optionsOf(security(given))).toThrow(message);
  });

  it('takes strict groups and ambient capabilities', () => {
    const given = security({
      supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict,
      capabilities: { addAmbientCapabilities: ['NET_BIND_SERVICE'] },
    });
    expect(optionsOf(given)).toMatchObject({
      groupsPolicy: 'strict',
      capabilities: { ambient: ['NET_BIND_SERVICE'] },
    });
  });
});

describe('mounts', () => {
  it('are of an image, with a path in it', () => {
    const mounts = [
      {
        image: { image: 'img' },
        imageSubPath: 'a/b',
        containerPath: '/x',
        readonly: true,
        mountOptions: ['noexec'],
      },
    ];
    expect(optionsOf({ mounts }).mounts).toEqual([
      { type: 'image', source: 'img', subPath: 'a/b', target: '/x', options: ['noexec'] },
    ]);
  });

  it.each<[string, Input<Mount>, string]>([
    [
      'an image and a path of the host',
      { image: { image: 'a' }, hostPath: '/b' },
      'both an image and a path',
    ],
    ['an option of another kind', { hostPath: '/b', mountOptions: ['nodev', 'rshared'] }, 'option "rshared"'],
    ['an option that makes it writable', { hostPath: '/b', mountOptions: ['rw'] }, 'option "rw"'],
    ['an image without a name', { image: {} }, 'without a name'],
    [
      'a sub-path that climbs',
      { image: { image: 'a' }, readonly: true, imageSubPath: 'x/../../y' },
      'leaves the image',
    ],
    [
      'an absolute sub-path',
      { image: { image: 'a' }, readonly: true, imageSubPath: '/y' },
      'leaves the image',
    ],
    ['an image that is to be written', { image: { image: 'a' } }, 'for reading only'],
    ['a sub-path of nothing', { hostPath: '/b', imageSubPath: 'y' }, 'without an image'],
    [
      'read-only to its depth with propagation',
      {
        hostPath: '/b',
        readonly: true,
        recursiveReadOnly: true,
        propagation: MountPropagation.PROPAGATION_BIDIRECTIONAL,
      },
      'needs private propagation',
    ],
  ])('refuses %s', (_what, mount, message) => {
    expect(() => optionsOf({ mounts: [{ containerPath: '/x', ...mount }] })).toThrow(message);
  });
});

describe('resources', () => {
  const limits = (resources: object) => {
    const { linux } = container({ linux: { resources } });
    return linux?.resources === undefined ? undefined : resourceLimits(linux.resources);
  };

  it('are those that are given; zero is not', () => {
    expect(limits({})).toEqual({});
    expect(
      limits({ memoryLimitInBytes: 1024n, cpuQuota: -1n, cpusetCpus: '0', unified: { 'a.b': '1' } }),
    ).toEqual({
      memoryBytes: 1024,
      cpuQuotaUs: -1,
      cpusetCpus: '0',
      unified: { 'a.b': '1' },
    });
  });

  it('are refused when a number cannot be kept', () => {
    expect(() => limits({ memoryLimitInBytes: 2n ** 53n })).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument }),
    );
  });
});
