// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ContainerConfig,
  ContainerState,
  type IDMapping,
  type Input,
  NamespaceMode,
  type PodSandboxConfig,
  ProfileType,
} from '@lading/cri-api';
import { openEngine } from '@lading/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const unknown = 'ab'.repeat(32);
const metadata = { name: 'main' };

const userNamespace = (uids: readonly IDMapping[]): Input<PodSandboxConfig> => ({
  linux: {
    securityContext: {
      namespaceOptions: { pid: 1, usernsOptions: { mode: NamespaceMode.POD, uids, gids: uids } },
    },
  },
});

describe('RunPodSandbox', () => {
  const cases: [string, Input<PodSandboxConfig> | undefined, string, string][] = [
    ['no config', undefined, 'invalid_argument', 'RunPodSandbox needs a config'],
    ['no metadata', { linux: {} }, 'invalid_argument', 'needs name, namespace and uid'],
    [
      'a parameter of the whole machine',
      { linux: { sysctls: { 'kernel.core_pattern': '|/evil' } } },
      'invalid_argument',
      'kernel.core_pattern',
    ],
    ['a user namespace without ids', userNamespace([]), 'invalid_argument', 'need uids and gids'],
    [
      'ids of a user namespace twice',
      userNamespace([
        { hostId: 100_000, containerId: 0, length: 10 },
        { hostId: 100_009, containerId: 10, length: 10 },
      ]),
      'invalid_argument',
      'two ranges hold the hostId 100009',
    ],
    [
      'a user namespace without a root',
      userNamespace([{ hostId: 100_000, containerId: 1, length: 10 }]),
      'invalid_argument',
      'no range holds the id 0',
    ],
    [
      'an empty range of ids',
      userNamespace([{ hostId: 100_000, containerId: 0, length: 0 }]),
      'invalid_argument',
      '0:100000:0 is no range',
    ],
    [
      'ids above the last',
      userNamespace([{ hostId: 4_294_967_290, containerId: 0, length: 10 }]),
      'invalid_argument',
      '0:4294967290:10 is no range',
    ],
    ['a port that is none', { portMappings: [{ hostPort: 80 }] }, 'invalid_argument', '0 is not a port'],
    ['a hostname that is none', { hostname: 'a b' }, 'invalid_argument', 'hostname "a b"'],
  ];
  it.each(cases)('refuses %s', async (what, config, code, message) => {
    const pod = what.startsWith('no ') ? config : { ...world.pod('bad'), ...config };
    const call = daemon.runtime.runPodSandbox(pod === undefined ? {} : { config: pod });
    await expect(call).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect((await daemon.runtime.listPodSandbox({})).items).toEqual([]);
    expect(world.leftovers()).toEqual([]);
  });

  it('refuses a handler that is not there', async () => {
    const call = daemon.runtime.runPodSandbox({ config: world.pod('bad'), runtimeHandler: 'kata' });
    await expect(call).rejects.toMatchObject({ message: expect.stringContaining('"kata"') });
  });

  it('refuses a pod that is there already, and leaves that alone', async () => {
    const config = world.pod('twin');
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config });
    await expect(daemon.runtime.runPodSandbox({ config })).rejects.toMatchObject({
      code: 'already_exists',
      reason: 'NAME_IN_USE',
      message: expect.stringContaining('k8s_POD_twin_test_twin-uid_0'),
    });
    const { items } = await daemon.runtime.listPodSandbox({});
    expect(items.map(({ id }) => id)).toEqual([podSandboxId]);
  });
});

describe('CreateContainer', () => {
  const security = (securityContext: object): Input<ContainerConfig> => ({ linux: { securityContext } });
  const cases: [string, Input<ContainerConfig>, string, string][] = [
    ['an unknown image', { image: { image: 'nope:1' } }, 'not_found', 'nope:1 is not in the store; pull it'],
    ['no image', { image: { image: '' } }, 'invalid_argument', 'config.image.image is empty'],
    ['no name', { metadata: { name: '' } }, 'invalid_argument', 'name of the container'],
    [
      'a log path that climbs out',
      { logPath: '../../../etc/x' },
      'invalid_argument',
      'leaves the log directory',
    ],
    ['a log path with a NUL', { logPath: 'a\0b' }, 'invalid_argument', 'log_path holds a NUL'],
    [
      'a mount source with a NUL',
      { mounts: [{ hostPath: '/tmp/a\0b', containerPath: '/x' }] },
      'invalid_argument',
      'has a path with a NUL',
    ],
    ['an absolute log path', { logPath: '/etc/x' }, 'invalid_argument', 'leaves the log directory'],
    [
      'a relative mount source',
      { mounts: [{ hostPath: 'made-here', containerPath: '/x' }] },
      'invalid_argument',
      'made-here',
    ],
    [
      'a mount source below a file',
      { mounts: [{ hostPath: '/etc/passwd/x', containerPath: '/x' }] },
      'failed_precondition',
      'cannot make the folder /etc/passwd/x',
    ],
    [
      'a mount source where no folder can be',
      { mounts: [{ hostPath: '/proc/no/x', containerPath: '/x' }] },
      'failed_precondition',
      'cannot make the folder /proc/no/x',
    ],
    [
      'a value that is no text',
      { envs: [{ key: 'X', value: new Uint8Array([0xff]) }] },
      'invalid_argument',
      'variable X is not UTF-8',
    ],
    ['a relative folder', { workingDir: 'srv' }, 'invalid_argument', 'working directory'],
    ['a group without a user', security({ runAsGroup: { value: 1n } }), 'invalid_argument', 'run_as_user'],
    [
      'a seccomp profile of a file',
      security({ seccomp: { profileType: ProfileType.Localhost, localhostRef: '/no/such.json' } }),
      'not_found',
      'cannot read the seccomp profile /no/such.json',
    ],
    [
      'an AppArmor profile where there is no AppArmor',
      security({ apparmor: { profileType: ProfileType.Localhost, localhostRef: 'web' } }),
      'failed_precondition',
      'the AppArmor profile "web"',
    ],
    [
      'an image volume of an unknown image',
      { mounts: [{ image: { image: 'nope' }, containerPath: '/x', readonly: true }] },
      'not_found',
      'nope: image not known',
    ],
    [
      'an image volume that is to be written',
      { mounts: [{ image: { image: 'nope' }, containerPath: '/x' }] },
      'invalid_argument',
      'the mount at /x is of an image, which is for reading only: set readonly',
    ],
    [
      'the processes of a container that is not there',
      security({ namespaceOptions: { pid: NamespaceMode.TARGET, targetId: unknown } }),
      'not_found',
      unknown,
    ],
    ['a CDI device that is not there', { CDIDevices: [{ name: 'x' }] }, 'not_found', 'no CDI device "x"'],
    [
      'a limit beyond all numbers',
      { linux: { resources: { memoryLimitInBytes: 2n ** 63n - 1n } } },
      'invalid_argument',
      'memoryBytes 9223372036854775807 is out of range',
    ],
  ];
  it.each(cases)('refuses %s, and leaves nothing', async (_what, more, code, message) => {
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('bad') });
    const config = { metadata, image: { image }, ...more };
    await expect(daemon.runtime.createContainer({ podSandboxId, config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect((await daemon.runtime.listContainers({})).containers).toEqual([]);
    expect(existsSync('made-here')).toBe(false);
    expect(existsSync(join(world.root, 'logs/bad'))).toBe(false);
  });

  it('refuses a name that is taken, a pod that is stopped, and one that is unknown', async () => {
    const { runtime } = daemon;
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('bad') });
    const config = { metadata, image: { image } };
    await runtime.createContainer({ podSandboxId, config });
    const mounts = [{ hostPath: join(world.root, 'not-made'), containerPath: '/x' }];
    await expect(
      runtime.createContainer({ podSandboxId, config: { ...config, mounts, logPath: 'x.log' } }),
    ).rejects.toMatchObject({
      code: 'already_exists',
      message: expect.stringContaining('k8s_main_bad_test'),
    });
    expect(existsSync(join(world.root, 'not-made'))).toBe(false);
    expect((await runtime.listContainers({})).containers).toHaveLength(1);
    await runtime.stopPodSandbox({ podSandboxId });
    await expect(
      runtime.createContainer({ podSandboxId, config: { ...config, metadata: { name: 'other' } } }),
    ).rejects.toMatchObject({ code: 'failed_precondition' });
    await expect(runtime.createContainer({ podSandboxId: unknown, config })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(runtime.createContainer({ podSandboxId })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});

describe('StartContainer', () => {
  it('names a command that is missing, and makes of the container one that ended before it began', async () => {
    const { runtime } = daemon;
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('bad') });
    const config = { metadata, image: { image }, command: ['no-such-program'] };
    const { containerId } = await runtime.createContainer({ podSandboxId, config });
    await expect(runtime.startContainer({ containerId })).rejects.toMatchObject({
      reason: 'COMMAND_NOT_FOUND',
      message: expect.stringContaining('no-such-program'),
    });
    const { status } = await runtime.containerStatus({ containerId });
    // One that is still to be started would be made anew for ever, whatever the restart policy is.
    expect(status).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      reason: 'StartError',
      exitCode: 127,
      startedAt: 0n,
    });
    await runtime.removeContainer({ containerId });
    await runtime.removePodSandbox({ podSandboxId });
    expect(world.leftovers()).toEqual([]);
  });

  it('refuses to start one that runs', async () => {
    const { runtime } = daemon;
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('bad') });
    const { containerId } = await runtime.createContainer({
      podSandboxId,
      config: { metadata, image: { image } },
    });
    await runtime.startContainer({ containerId });
    await expect(runtime.startContainer({ containerId })).rejects.toMatchObject({
      reason: 'CONTAINER_RUNNING',
    });
  });
});

describe('an id that is unknown', () => {
  it('is not found by calls that ask, and nothing to calls that remove', async () => {
    const { runtime } = daemon;
    const missing = { code: 'not_found' };
    await expect(runtime.podSandboxStatus({ podSandboxId: unknown })).rejects.toMatchObject(missing);
    await expect(runtime.containerStatus({ containerId: unknown })).rejects.toMatchObject(missing);
    await expect(runtime.startContainer({ containerId: unknown })).rejects.toMatchObject(missing);
    await expect(runtime.execSync({ containerId: unknown, cmd: ['true'] })).rejects.toMatchObject(missing);
    await expect(runtime.exec({ containerId: unknown, cmd: ['true'] })).rejects.toMatchObject(missing);
    await expect(runtime.attach({ containerId: unknown })).rejects.toMatchObject(missing);
    await expect(runtime.portForward({ podSandboxId: unknown })).rejects.toMatchObject(missing);
    await expect(runtime.reopenContainerLog({ containerId: unknown })).rejects.toMatchObject(missing);
    await expect(runtime.updateContainerResources({ containerId: unknown })).rejects.toMatchObject(missing);
    await runtime.stopContainer({ containerId: unknown });
    await runtime.removeContainer({ containerId: unknown });
    await runtime.stopPodSandbox({ podSandboxId: unknown });
    await runtime.removePodSandbox({ podSandboxId: unknown });
    await expect(runtime.stopContainer({})).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(runtime.stopPodSandbox({})).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('pods and containers of the command line', () => {
  it('are not there for CRI', async () => {
    const { runtime } = daemon;
    await using engine = await openEngine({
      graphRoot: join(world.root, 'graph'),
      runRoot: join(world.root, 'run'),
      networkConfigDir: join(world.root, 'net.d'),
      cgroupParent: world.cgroupParent,
    });
    const pod = await engine.pods.run({ name: 'mine', network: 'none' });
    const container = await engine.containers.create({ image, pod: 'mine', name: 'box' });
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
    expect((await runtime.listContainers({})).containers).toEqual([]);
    const missing = { code: 'not_found', message: expect.not.stringContaining('CRI') };
    await expect(runtime.podSandboxStatus({ podSandboxId: pod.id })).rejects.toMatchObject(missing);
    await expect(runtime.containerStatus({ containerId: container.id })).rejects.toMatchObject(missing);
    await runtime.removeContainer({ containerId: container.id });
    await runtime.removePodSandbox({ podSandboxId: pod.id });
    expect(await engine.containers.exists('box')).toBe(true);
    expect((await engine.pods.inspect('mine')).status).toBe('ready');
  });
});
