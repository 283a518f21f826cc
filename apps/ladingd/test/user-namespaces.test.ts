// SPDX-License-Identifier: Apache-2.0
import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContainerConfig, type Input, MountPropagation, NamespaceMode } from '@lading/cri-api';
import { mount, readMounts, unmount } from '@lading/linux';
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
afterEach(async () => {
  await world.leaveNothing();
  expect(readMounts().filter(({ target }) => target.startsWith(`${world.root}/run`))).toEqual([]);
});

const uids = [{ hostId: 100_000, containerId: 0, length: 65_536 }];
const gids = [{ hostId: 200_000, containerId: 0, length: 65_536 }];
const usernsOptions = { mode: NamespaceMode.POD, uids, gids };

async function runPod(name: string, namespaceOptions: object = {}, more: object = {}): Promise<string> {
  const config = world.pod(name, {
    ...more,
    linux: {
      cgroupParent: world.cgroupParent,
      securityContext: {
        namespaceOptions: { pid: NamespaceMode.CONTAINER, usernsOptions, ...namespaceOptions },
      },
    },
  });
  return (await daemon.runtime.runPodSandbox({ config })).podSandboxId;
}

async function start(podSandboxId: string, name: string, more: Input<ContainerConfig> = {}): Promise<string> {
  const config = {
    metadata: { name },
    image: { image },
    command: ['sleep', '1000'],
    linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER, usernsOptions } } },
    ...more,
  };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

async function exec(containerId: string, ...script: readonly string[]): Promise<string> {
  const cmd = ['sh', '-c', script.join('; ')];
  const { stdout, stderr, exitCode } = await daemon.runtime.execSync({ containerId, cmd, timeout: 30n });
  return `${Buffer.from(stdout)}${Buffer.from(stderr)}${exitCode === 0 ? '' : `exit ${exitCode}`}`;
}

async function infoOf<T>(containerId: string): Promise<T> {
  const { info } = await daemon.runtime.containerStatus({ containerId, verbose: true });
  return JSON.parse(info.info ?? '{}');
}
const pidOf = async (containerId: string): Promise<number> =>
  (await infoOf<{ pid: number }>(containerId)).pid;

const words = (text: string): string[] => text.trim().split(/\s+/);
/** Who owns a file inside, as numbers. */
const owner = async (containerId: string, path: string): Promise<string[]> =>
  words(await exec(containerId, `ls -lnd ${path}`)).slice(2, 4);

it('are what every handler of the daemon can give', async () => {
  const { runtimeHandlers, features } = await daemon.runtime.status({});
  for (const handler of runtimeHandlers) expect(handler.features?.userNamespaces).toBe(true);
  expect(features?.userNamespacesHostNetwork).toBe(true);
});

describe('a pod with a user namespace', () => {
  it('has containers that are root inside and others outside, in one namespace that owns those of the pod', async () => {
    const pod = await runPod('mapped');
    const [a, b] = [await start(pod, 'a'), await start(pod, 'b')];
    expect(words(await exec(a, 'cat /proc/self/uid_map'))).toEqual(['0', '100000', '65536']);
    expect(words(await exec(a, 'cat /proc/self/gid_map'))).toEqual(['0', '200000', '65536']);
    expect(words(await exec(a, 'id -u'))).toEqual(['0']);
    expect(readFileSync(`/proc/${await pidOf(a)}/status`, 'utf8')).toMatch(
      /^Uid:\t100000\t.*\nGid:\t200000\t/m,
    );
    const link = 'busybox readlink /proc/self/ns/user /proc/self/ns/net';
    expect(await exec(a, link)).toBe(await exec(b, link));
    // A name for the host of the pod: its namespace is that of the container's root.
    expect(await exec(a, 'hostname')).toBe('mapped\n');
    // Only who owns the network may look at its /sys.
    expect(words(await exec(a, 'ls /sys/class/net')).sort()).toEqual(['eth0', 'lo']);
  });

  it('tells its ids', async () => {
    const podSandboxId = await runPod('told');
    const { status } = await daemon.runtime.podSandboxStatus({ podSandboxId });
    expect(status?.linux?.namespaces?.options?.usernsOptions).toEqual(usernsOptions);
  });

  it('shows the files of the image as those of its root, and writes them as those of another', async () => {
    const container = await start(await runPod('files'), 'main');
    expect(await owner(container, '/bin/busybox')).toEqual(['0', '0']);
    await exec(container, 'echo x >/srv/new');
    expect(await owner(container, '/srv/new')).toEqual(['0', '0']);
    const { uid, gid } = statSync(`/proc/${await pidOf(container)}/root/srv/new`);
    expect({ uid, gid }).toEqual({ uid: 100_000, gid: 200_000 });
  });

  it('has the files and the memory that containers share as those of its root', async () => {
    const pod = await runPod('shared');
    const [a, b] = [await start(pod, 'a'), await start(pod, 'b')];
    expect(await owner(a, '/dev/shm')).toEqual(['0', '0']);
    expect(await exec(a, 'echo 192.0.2.1 other >>/etc/hosts; echo hello >/dev/shm/x')).toBe('');
    expect(await exec(b, 'tail -n 1 /etc/hosts; cat /dev/shm/x')).toBe('192.0.2.1 other\nhello\n');
  });

  it('shares its process namespace, whose first process is nobody outside', async () => {
    const shared = { pid: NamespaceMode.POD };
    const pod = await runPod('processes', shared);
    const linux = { securityContext: { namespaceOptions: { ...shared, usernsOptions } } };
    const container = await start(pod, 'main', { linux });
    expect(await exec(container, 'cat /proc/1/cmdline')).toBe('/pause\0');
    const { info } = await daemon.runtime.podSandboxStatus({ podSandboxId: pod, verbose: true });
    const { pid: infraPid } = JSON.parse(info.info ?? '{}');
    expect(statSync(`/proc/${infraPid}/task`).uid).toBe(100_000);
  });

  it('has kernel parameters of its network and of its shared memory', async () => {
    const sysctls = { 'net.ipv4.ip_unprivileged_port_start': '7', 'kernel.shmmni': '77' };
    const config = world.pod('parameters');
    const podSandboxId = (
      await daemon.runtime.runPodSandbox({
        config: {
          ...config,
          linux: { ...config.linux, sysctls, securityContext: { namespaceOptions: { usernsOptions } } },
        },
      })
    ).podSandboxId;
    const container = await start(podSandboxId, 'main');
    expect(
      words(
        await exec(container, 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shmmni'),
      ),
    ).toEqual(['7', '77']);
  });

  it.each([
    ['network', 'ls /sys/class/net >/dev/null; echo seen'],
    ['ipc', 'test ! -e /dev/mqueue || ls /dev/mqueue; echo seen'],
  ])('can be on the %s of the node', async (kind, line) => {
    const modes = { [kind]: NamespaceMode.NODE };
    const container = await start(await runPod('of-node', modes), 'main', {
      linux: {
        securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER, ...modes, usernsOptions } },
      },
    });
    expect(await exec(container, line)).toContain('seen');
    expect(words(await exec(container, 'cat /proc/self/uid_map'))[1]).toBe('100000');
  });

  it('has several ranges of ids', async () => {
    const ranges = [
      { hostId: 100_000, containerId: 0, length: 10 },
      { hostId: 300_000, containerId: 10, length: 100 },
    ];
    const options = { mode: NamespaceMode.POD, uids: ranges, gids: ranges };
    const pod = await runPod('ranges', { usernsOptions: options });
    // A container that says nothing of it is in that of its pod.
    const container = await start(pod, 'main', { linux: { securityContext: { runAsUser: { value: 33n } } } });
    expect(words(await exec(container, 'cat /proc/self/uid_map'))).toEqual([
      '0',
      '100000',
      '10',
      '10',
      '300000',
      '100',
    ]);
    expect(statSync(`/proc/${await pidOf(container)}`).uid).toBe(300_023);
  });

  it('has privileged containers, which have no rights outside', async () => {
    const container = await start(await runPod('privileged'), 'main', {
      linux: {
        securityContext: {
          privileged: true,
          namespaceOptions: { pid: NamespaceMode.CONTAINER, usernsOptions },
        },
      },
    });
    expect(await exec(container, 'hostname other && hostname')).toBe('other\n');
    expect(await exec(container, 'echo 1 >/proc/sys/kernel/panic')).toMatch(/permission denied|read-only/i);
  });

  it('goes on with its ids after a kill of the daemon', async () => {
    const pod = await runPod('killed');
    const before = await start(pod, 'before');
    await daemon.end('SIGKILL');
    daemon = await world.serve();
    const after = await start(pod, 'after');
    const link = 'busybox readlink /proc/self/ns/user';
    expect(await exec(after, link)).toBe(await exec(before, link));
  });
});

describe('a container', () => {
  it.each([
    ['of the node', { mode: NamespaceMode.NODE }],
    ['of other ids', { mode: NamespaceMode.POD, uids: gids, gids: uids }],
  ])('that asks for a user namespace %s in a pod with one is refused', async (_what, options) => {
    const podSandboxId = await runPod('other');
    const linux = { securityContext: { namespaceOptions: { usernsOptions: options } } };
    const config = { metadata: { name: 'main' }, image: { image }, linux };
    await expect(daemon.runtime.createContainer({ podSandboxId, config })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(`differ from those of sandbox ${podSandboxId}`),
    });
  });

  it('that asks for one in a pod without is refused', async () => {
    const podSandboxId = await runPod('none', { usernsOptions: { mode: NamespaceMode.NODE } });
    await expect(start(podSandboxId, 'main')).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('a mount with ids', () => {
  const mapped = (hostPath: string, more: object = {}): Input<ContainerConfig> => ({
    mounts: [{ hostPath, containerPath: '/data', uidMappings: uids, gidMappings: gids, ...more }],
  });
  let folder: string;
  beforeAll(async () => {
    folder = join(world.root, 'data');
    await mkdir(folder);
    await writeFile(join(folder, 'file'), 'hello\n');
    for (const path of [folder, join(folder, 'file')]) chownSync(path, 0, 0);
    await chmod(join(folder, 'file'), 0o600);
  });

  it('has files of the root of the node as those of its own root, also new ones', async () => {
    const container = await start(await runPod('data'), 'main', mapped(folder));
    expect(await owner(container, '/data/file')).toEqual(['0', '0']);
    expect(await exec(container, 'cat /data/file; echo new >/data/new')).toBe('hello\n');
    const { uid, gid } = statSync(join(folder, 'new'));
    expect({ uid, gid }).toEqual({ uid: 0, gid: 0 });
    const { status } = await daemon.runtime.containerStatus({ containerId: container });
    expect(status?.mounts).toMatchObject([{ uidMappings: uids, gidMappings: gids }]);
    // It is not seen on the node any more.
    expect(readMounts().filter(({ target }) => target.includes('/mapped/'))).toEqual([]);
  });

  it('shows the files of others as nobody where there are no ids', async () => {
    const mounts = [{ hostPath: folder, containerPath: '/data' }];
    const container = await start(await runPod('plain'), 'main', { mounts });
    expect(await owner(container, '/data/file')).toEqual(['65534', '65534']);
    expect(await exec(container, 'cat /data/file')).toMatch(/permission denied/i);
  });

  it('is of a file, for reading only', async () => {
    const container = await start(
      await runPod('file'),
      'main',
      mapped(join(folder, 'file'), { readonly: true }),
    );
    expect(await exec(container, 'cat /data')).toBe('hello\n');
    expect(await exec(container, 'echo x >>/data')).toMatch(/read-only/i);
  });

  it('has what is mounted later on the node, if it asks for that', async () => {
    const source = join(world.root, 'spread');
    await mkdir(source);
    mount({ source, target: source, flags: ['bind'] });
    mount({ target: source, flags: ['shared'] });
    try {
      await mkdir(join(source, 'late'));
      const propagation = MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
      const container = await start(await runPod('spread'), 'main', mapped(source, { propagation }));
      mount({ source: 'late', target: join(source, 'late'), type: 'tmpfs' });
      await writeFile(join(source, 'late/file'), 'later\n');
      expect(await exec(container, 'cat /data/late/file')).toBe('later\n');
    } finally {
      unmount(join(source, 'late'), { lazy: true });
      unmount(source, { lazy: true });
    }
  });

  it('is refused where the file system cannot', async () => {
    const pod = await runPod('cannot');
    await expect(start(pod, 'main', mapped('/proc/sys'))).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/cannot mount "\/proc\/sys" with the ids of the container/),
    });
  });

  it('is refused with ids of one kind, or wrong ones', async () => {
    const pod = await runPod('wrong');
    await expect(start(pod, 'a', mapped(folder, { gidMappings: [] }))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('/data needs both uid_mappings and gid_mappings'),
    });
    await expect(start(pod, 'b', mapped(folder, { uidMappings: [...uids, ...uids] }))).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('leaves the files of the node alone when the daemon is killed in the middle', async () => {
    const pod = await runPod('middle');
    const container = await start(pod, 'main', mapped(folder));
    // As a kill at that moment leaves it.
    const left = join(world.root, 'run/lading/mapped', container, '0');
    await mkdir(left, { recursive: true });
    mount({ source: folder, target: left, flags: ['bind'] });
    await daemon.end('SIGKILL');
    daemon = await world.serve();
    await daemon.runtime.removeContainer({ containerId: container });
    expect(readMounts().filter(({ target }) => target === left)).toEqual([]);
    expect(readdirSync(folder)).toContain('file');
  });
});
