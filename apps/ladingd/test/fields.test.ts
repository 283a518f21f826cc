// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ContainerConfig,
  type Input,
  MountPropagation,
  NamespaceMode,
  PodSandboxState,
  ProfileType,
  Signal,
  SupplementalGroupsPolicy,
} from '@lading/cri-api';
import { mount, processCapabilities, unmount } from '@lading/linux';
import { openStore } from '@lading/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
let config: string;
beforeAll(async () => {
  world = await createWorld();
  config = `[crio.runtime]\ncdi_spec_dirs = ["${world.root}/cdi"]\n`;
  await writeFile(join(world.root, 'ladingd.conf'), config);
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const security = (securityContext: object): Input<ContainerConfig> => ({ linux: { securityContext } });

async function runPod(name: string, namespaceOptions: object = {}): Promise<string> {
  const podConfig = world.pod(name, {
    linux: {
      cgroupParent: world.cgroupParent,
      securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER, ...namespaceOptions } },
    },
  });
  return (await daemon.runtime.runPodSandbox({ config: podConfig })).podSandboxId;
}

async function create(
  podSandboxId: string,
  name: string,
  more: Input<ContainerConfig> = {},
): Promise<string> {
  const config = { metadata: { name }, image: { image }, command: ['sleep', '1000'], ...more };
  return (await daemon.runtime.createContainer({ podSandboxId, config })).containerId;
}

async function start(podSandboxId: string, name: string, more?: Input<ContainerConfig>): Promise<string> {
  const containerId = await create(podSandboxId, name, more);
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

/** What a command in the container prints on both streams, and its exit code. */
async function exec(containerId: string, ...script: readonly string[]): Promise<string> {
  const cmd = ['sh', '-c', script.join('; ')];
  const { stdout, stderr, exitCode } = await daemon.runtime.execSync({ containerId, cmd, timeout: 30n });
  return `${Buffer.from(stdout)}${Buffer.from(stderr)}${exitCode === 0 ? '' : `exit ${exitCode}`}`;
}

const statusLine = (key: string): string =>
  `while read k v; do if [ "$k" = ${key}: ]; then echo $v; fi; done </proc/self/status`;

async function infoOf(podSandboxId: string): Promise<{ pid: number }> {
  const { info } = await daemon.runtime.podSandboxStatus({ podSandboxId, verbose: true });
  return JSON.parse(info.info ?? '{}');
}

describe('process namespaces', () => {
  const shared = { pid: NamespaceMode.POD };
  const inPod = security({ namespaceOptions: shared });

  it('of a pod are one for all, in which a small process of nobody is the first', async () => {
    const pod = await runPod('shared', shared);
    const a = await start(pod, 'a', { ...inPod, command: ['sleep', '1234'] });
    const b = await start(pod, 'b', inPod);
    expect(await exec(b, 'cat /proc/1/cmdline')).toBe('/pause\0');
    expect(await exec(b, 'cat /proc/[0-9]*/cmdline')).toContain('sleep\x001234');
    expect(await exec(b, 'ls /proc/1/root/')).toContain('Permission denied');
    await daemon.runtime.stopContainer({ containerId: a, timeout: 0n });
    expect(await exec(b, 'cat /proc/[0-9]*/cmdline')).not.toContain('1234');
    const { status } = await daemon.runtime.podSandboxStatus({ podSandboxId: pod });
    expect(status?.state).toBe(PodSandboxState.SANDBOX_READY);
    expect(status?.linux?.namespaces?.options?.pid).toBe(NamespaceMode.POD);
  });

  it('of a pod keep no process of a container that has ended, nor a dead one', async () => {
    const pod = await runPod('orphans', shared);
    const watcher = await start(pod, 'watcher', inPod);
    const script = '(sleep 4321 &) ; (sleep 0 &) ; exec sleep 1000';
    const parent = await start(pod, 'parent', { ...inPod, command: ['sh', '-c', script] });
    await until(async () => (await exec(watcher, 'cat /proc/[0-9]*/cmdline')).includes('4321'));
    await until(async () => !(await exec(watcher, 'cat /proc/[0-9]*/stat')).includes(') Z '));
    await daemon.runtime.stopContainer({ containerId: parent, timeout: 0n });
    expect(await exec(watcher, 'cat /proc/[0-9]*/cmdline')).not.toContain('4321');
  });

  it('of a pod whose first process was killed are gone: it is not ready, and can be removed', async () => {
    const pod = await runPod('killed', shared);
    await start(pod, 'a', inPod);
    process.kill((await infoOf(pod)).pid, 'SIGKILL');
    await until(async () => {
      const { status } = await daemon.runtime.podSandboxStatus({ podSandboxId: pod });
      return status?.state === PodSandboxState.SANDBOX_NOTREADY;
    });
    await expect(create(pod, 'late', inPod)).rejects.toMatchObject({ code: 'failed_precondition' });
    await daemon.runtime.stopPodSandbox({ podSandboxId: pod });
    await daemon.runtime.removePodSandbox({ podSandboxId: pod });
  });

  it('of a container are its own, and another container of the pod can be let in', async () => {
    const pod = await runPod('target');
    const targetId = await start(pod, 'main', { command: ['sleep', '1234'] });
    const debug = await start(
      pod,
      'debug',
      security({ namespaceOptions: { pid: NamespaceMode.TARGET, targetId } }),
    );
    expect(await exec(debug, 'cat /proc/1/cmdline')).toBe('sleep\x001234\0');
    const own = await start(pod, 'own');
    expect(await exec(own, 'cat /proc/1/cmdline')).toBe('sleep\x001000\0');
  });

  it('of a container of another pod are closed', async () => {
    const [one, two] = [await runPod('one'), await runPod('two')];
    const targetId = await start(one, 'main');
    const config = security({ namespaceOptions: { pid: NamespaceMode.TARGET, targetId } });
    await expect(create(two, 'spy', config)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('another pod'),
    });
  });

  it('of the node are those of everyone', async () => {
    const node = { pid: NamespaceMode.NODE };
    const pod = await runPod('node', node);
    const id = await start(pod, 'a', security({ namespaceOptions: node }));
    expect(await exec(id, `cat /proc/${process.pid}/comm`)).toBe(readFileSync('/proc/self/comm', 'utf8'));
  });
});

describe('image volumes', () => {
  it('hold the files of the image, for reading only, and their status names it', async () => {
    const pod = await runPod('volume');
    const mounts = [{ image: { image: world.image }, containerPath: '/data', readonly: true }];
    const id = await start(pod, 'a', { mounts });
    expect(await exec(id, 'cat /data/etc/passwd')).toContain('web:x:33:34');
    expect(await exec(id, 'echo x >/data/new')).toContain('Read-only file system');
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.mounts).toMatchObject([
      { containerPath: '/data', readonly: true, image: { image: world.image, imageRef: image } },
    ]);
  });

  it('hold a folder of the image, and never one outside of it', async () => {
    const pod = await runPod('sub');
    const of = (imageSubPath: string) => ({
      mounts: [{ image: { image }, imageSubPath, containerPath: '/data', readonly: true }],
    });
    const id = await start(pod, 'a', of('etc'));
    expect(await exec(id, 'ls /data')).toBe('group\npasswd\n');
    await expect(create(pod, 'b', of('no/such'))).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('ImageVolumeMountFailed'),
    });
  });
});

describe('a container', () => {
  it('is stopped by the signal of its request, which its status tells', async () => {
    const pod = await runPod('signal');
    const id = await start(pod, 'a', {
      command: [
        'sh',
        '-c',
        'trap "exit 42" USR1; trap "exit 1" TERM INT; echo up; while :; do sleep 0.05; done',
      ],
      logPath: 'a.log',
      stopSignal: Signal.SIGNAL_SIGUSR1,
    });
    await until(() => existsSync(join(world.root, 'logs/signal/a.log')));
    await until(async () => (await readFile(join(world.root, 'logs/signal/a.log'), 'utf8')).includes('up'));
    await daemon.runtime.stopContainer({ containerId: id, timeout: 30n });
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status).toMatchObject({ exitCode: 42, stopSignal: Signal.SIGNAL_SIGUSR1 });
  });

  it('is told with its process and its spec to who asks for all, also before it is started', async () => {
    const pod = await runPod('verbose');
    const infoOf = async (containerId: string) => {
      const { info } = await daemon.runtime.containerStatus({ containerId, verbose: true });
      return JSON.parse(info.info ?? '');
    };
    const made = await create(pod, 'made', {});
    expect(await infoOf(made)).toMatchObject({ sandboxID: pod, pid: 0 });
    const id = await start(pod, 'a', {});
    const { pid, runtimeSpec } = await infoOf(id);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)).toEqual(
      runtimeSpec.process.args,
    );
    expect(runtimeSpec.linux.cgroupsPath).toBe(`${world.cgroupParent}/lading-${id}`);
  });
});

describe('an image volume', () => {
  it('that a daemon was mounting when it was killed is mounted again, and its image can be removed', async () => {
    const copy = `${world.image}:again`;
    const pod = await runPod('killed-volume');
    await daemon.images.pullImage({ image: { image: copy } });
    // Mounted for a container that was being made, as a kill leaves it.
    const roots = { graphRoot: join(world.root, 'graph'), runRoot: join(world.root, 'run') };
    await using store = await openStore(roots);
    await store.images.mount(image);
    const notes = join(world.root, 'run/lading/image-mounts');
    await mkdir(notes, { recursive: true });
    await writeFile(join(notes, 'ab'.repeat(32)), `${image}\n`);
    await daemon.end('SIGKILL');
    daemon = await world.serve();
    expect(world.leftovers().filter((line) => line.startsWith(`mount ${roots.graphRoot}/overlay`))).toEqual(
      [],
    );
    const mounts = [{ image: { image: copy }, containerPath: '/data', readonly: true }];
    const id = await start(pod, 'a', { mounts });
    expect(await exec(id, 'ls /data/etc')).toBe('group\npasswd\n');
    // One that was mounted for this container goes with it.
    await store.images.mount(image);
    await writeFile(join(notes, id), `${image}\n`);
    await daemon.runtime.removePodSandbox({ podSandboxId: pod });
    await daemon.images.removeImage({ image: { image } });
    expect(world.leftovers()).toEqual([]);
    ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
  });
});

describe('mounts', () => {
  it('pass on what is mounted later, in the directions of the request', async () => {
    const folder = join(world.root, 'spread');
    await mkdir(folder);
    mount({ source: folder, target: folder, flags: ['bind'] });
    mount({ target: folder, flags: ['shared'] });
    try {
      const pod = await runPod('spread');
      for (const [name, propagation, fromNode, toNode] of [
        ['private', MountPropagation.PROPAGATION_PRIVATE, false, false],
        ['slave', MountPropagation.PROPAGATION_HOST_TO_CONTAINER, true, false],
        ['shared', MountPropagation.PROPAGATION_BIDIRECTIONAL, true, true],
      ] as const) {
        const source = join(folder, name);
        for (const one of ['node', 'inside']) await mkdir(join(source, one), { recursive: true });
        const id = await start(pod, name, {
          mounts: [{ hostPath: source, containerPath: '/data', propagation }],
          linux: { securityContext: { privileged: true } },
        });
        mount({ source: 'x', target: join(source, 'node'), type: 'tmpfs' });
        await writeFile(join(source, 'node/file'), '');
        expect(await exec(id, 'ls /data/node')).toBe(fromNode ? 'file\n' : '');
        expect(await exec(id, 'busybox mount -t tmpfs x /data/inside && echo >/data/inside/file')).toBe('');
        expect(existsSync(join(source, 'inside/file'))).toBe(toNode);
        unmount(join(source, 'node'));
        if (toNode) unmount(join(source, 'inside'));
      }
    } finally {
      unmount(folder, { lazy: true });
    }
  });

  it('are read-only to their depth when that is asked for', async () => {
    const root = await mkdtemp(join(world.root, 'deep-'));
    await mkdir(join(root, 'sub'));
    mount({ source: 'deep', target: join(root, 'sub'), type: 'tmpfs' });
    try {
      const pod = await runPod('rro');
      const of = (recursiveReadOnly: boolean) => ({
        mounts: [{ hostPath: root, containerPath: '/data', readonly: true, recursiveReadOnly }],
      });
      const deep = await start(pod, 'deep', of(true));
      expect(await exec(deep, 'echo x >/data/sub/x')).toContain('Read-only file system');
      const shallow = await start(pod, 'shallow', of(false));
      expect(await exec(shallow, 'echo x >/data/sub/x')).toBe('');
      const { status } = await daemon.runtime.containerStatus({ containerId: deep });
      expect(status?.mounts[0]?.recursiveReadOnly).toBe(true);
    } finally {
      await world.clear();
      unmount(join(root, 'sub'));
      await rm(root, { recursive: true });
    }
  });

  it('take the options of the request', async () => {
    const pod = await runPod('options');
    const mounts = [
      { hostPath: world.root, containerPath: '/data', mountOptions: ['noexec', 'nosuid', 'nodev'] },
    ];
    const id = await start(pod, 'a', { mounts });
    const line = (await exec(id, 'cat /proc/self/mounts'))
      .split('\n')
      .find((text) => text.includes(' /data '));
    expect(line).toMatch(/nosuid,nodev,noexec/);
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.mounts).toMatchObject(mounts);
    // Without which a kubelet would not send any.
    expect((await daemon.runtime.status({})).features?.mountOptions).toBe(true);
  });
});

describe('users', () => {
  it('have the groups of the image too, but for those who want it strict; the status says who they are', async () => {
    const pod = await runPod('groups');
    const user = (supplementalGroupsPolicy: SupplementalGroupsPolicy) =>
      security({ runAsUser: { value: 33n }, supplementalGroups: [1234n], supplementalGroupsPolicy });
    const merged = await start(pod, 'merged', user(SupplementalGroupsPolicy.Merge));
    expect(await exec(merged, 'id -G')).toBe('34 40 1234\n');
    const strict = await start(pod, 'strict', user(SupplementalGroupsPolicy.Strict));
    expect(await exec(strict, 'id -G')).toBe('34 1234\n');
    const { status } = await daemon.runtime.containerStatus({ containerId: strict });
    expect(status?.user?.linux).toEqual({ uid: 33n, gid: 34n, supplementalGroups: [34n, 1234n] });
    const { features } = await daemon.runtime.status({});
    expect(features?.supplementalGroupsPolicy).toBe(true);
  });

  it('may be named, with a group of their own', async () => {
    const pod = await runPod('named');
    const id = await start(pod, 'a', security({ runAsUsername: 'web', runAsGroup: { value: 77n } }));
    expect(await exec(id, 'id -u; id -g')).toBe('33\n77\n');
  });

  it('keep ambient capabilities without being root', async () => {
    const pod = await runPod('ambient');
    const capabilities = { addAmbientCapabilities: ['NET_BIND_SERVICE'] };
    const id = await start(pod, 'a', security({ runAsUser: { value: 33n }, capabilities }));
    expect(await exec(id, statusLine('CapAmb'))).toBe('0000000000000400\n');
  });

  it('gain nothing by setuid programs when they must not', async () => {
    const pod = await runPod('nnp');
    const id = await start(pod, 'a', security({ noNewPrivs: true }));
    expect(await exec(id, statusLine('NoNewPrivs'))).toBe('1\n');
  });
});

describe('confinement', () => {
  it('is by the filter of the runtime, of a file, or none', async () => {
    const pod = await runPod('seccomp');
    const file = join(world.root, 'no-mkdir.json');
    const rules = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }];
    await writeFile(file, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules }));
    const by = (profileType: ProfileType, localhostRef = '') =>
      security({ seccomp: { profileType, localhostRef } });
    const usual = await start(pod, 'default', by(ProfileType.RuntimeDefault));
    expect(await exec(usual, statusLine('Seccomp'), 'mkdir /tmp/x')).toBe('2\n');
    const none = await start(pod, 'none', by(ProfileType.Unconfined));
    expect(await exec(none, statusLine('Seccomp'))).toBe('0\n');
    const local = await start(pod, 'local', by(ProfileType.Localhost, file));
    expect(await exec(local, 'mkdir /tmp/x')).toContain('Operation not permitted');
  });

  it('hides and protects the paths of the request, but for a privileged one', async () => {
    const pod = await runPod('paths');
    const paths = { maskedPaths: ['/srv', '/etc/passwd'], readonlyPaths: ['/tmp'] };
    const id = await start(pod, 'a', security(paths));
    expect(await exec(id, 'cat /etc/passwd')).toBe('');
    expect(await exec(id, 'echo x >/tmp/x')).toContain('Read-only file system');
    const open = await start(pod, 'open', security({ privileged: true }));
    expect(await exec(open, 'cat /etc/passwd')).toContain('root');
    const bounding = (await exec(open, statusLine('CapBnd'))).trim();
    expect(BigInt(`0x${bounding}`).toString(2).replaceAll('0', '')).toHaveLength(
      processCapabilities().bounding.length,
    );
    expect(await exec(open, 'ls /dev')).toContain('loop-control');
    const readOnly = await start(pod, 'ro', security({ readonlyRootfs: true }));
    expect(await exec(readOnly, 'echo x >/x')).toContain('Read-only file system');
  });
});

describe('devices', () => {
  it('are those of the request, with its permissions, and no others', async () => {
    const pod = await runPod('devices');
    const devices = [
      { hostPath: '/dev/loop-control', containerPath: '/dev/loops', permissions: 'r' },
      { hostPath: '/dev/net/tun', containerPath: '/dev/net/tun', permissions: 'rwm' },
    ];
    const id = await start(pod, 'a', { devices });
    expect(await exec(id, ': </dev/loops && : <>/dev/net/tun')).toBe('');
    expect(await exec(id, ': >/dev/loops')).toMatch(/not permitted/);
    expect(await exec(id, 'busybox mknod /tmp/kmsg c 1 11 && cat /tmp/kmsg')).toMatch(/not permitted/);
    await expect(start(pod, 'b', { devices: [{ hostPath: '/dev/none' }] })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('/dev/none'),
    });
  });
});

describe('resources', () => {
  const memory = (id: string, file: string): string =>
    readFileSync(`/sys/fs/cgroup/memory${world.cgroupParent}/lading-${id}/memory.${file}`, 'utf8').trim();

  it('of memory and swap are those of the control group, and can be changed', async () => {
    const pod = await runPod('swap');
    const resources = { memoryLimitInBytes: 32n << 20n, memorySwapLimitInBytes: 48n << 20n };
    const id = await start(pod, 'a', { linux: { resources } });
    expect([memory(id, 'limit_in_bytes'), memory(id, 'memsw.limit_in_bytes')]).toEqual([
      String(32 << 20),
      String(48 << 20),
    ]);
    await daemon.runtime.updateContainerResources({
      containerId: id,
      linux: { memoryLimitInBytes: 40n << 20n, memorySwapLimitInBytes: 64n << 20n },
    });
    expect(memory(id, 'memsw.limit_in_bytes')).toBe(String(64 << 20));
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.resources?.linux).toMatchObject({
      memoryLimitInBytes: 40n << 20n,
      memorySwapLimitInBytes: 64n << 20n,
    });
  });

  it('of huge pages are without effect where the kernel does not count them', async () => {
    const pod = await runPod('huge');
    const hugepageLimits = [{ pageSize: '2MB', limit: 4n << 20n }];
    const id = await start(pod, 'a', { linux: { resources: { hugepageLimits } } });
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.resources?.linux?.hugepageLimits).toEqual([{ pageSize: '2MB', limit: 4n << 20n }]);
    const file = `/sys/fs/cgroup/hugetlb${world.cgroupParent}/lading-${id}/hugetlb.2MB.limit_in_bytes`;
    if (existsSync('/sys/fs/cgroup/hugetlb')) expect(readFileSync(file, 'utf8').trim()).toBe(String(4 << 20));
  });
});

describe('CDI devices', () => {
  it('bring nodes, mounts, variables and hooks, by the field or by an annotation', async () => {
    const folder = join(world.root, 'cdi');
    await mkdir(folder, { recursive: true });
    const hooked = join(world.root, 'hooked');
    const spec = {
      cdiVersion: '0.6.0',
      kind: 'lading.test/thing',
      devices: [
        {
          name: 'one',
          containerEdits: {
            env: ['THING=one'],
            deviceNodes: [{ path: '/dev/thing', hostPath: '/dev/full' }],
            mounts: [{ hostPath: folder, containerPath: '/thing', options: ['bind', 'ro'] }],
          },
        },
        {
          name: 'two',
          containerEdits: {
            hooks: [{ hookName: 'createRuntime', path: '/bin/sh', args: ['sh', '-c', `cat >${hooked}`] }],
          },
        },
      ],
    };
    await writeFile(join(folder, 'thing.json'), JSON.stringify(spec));
    const pod = await runPod('cdi');
    const id = await start(pod, 'a', {
      CDIDevices: [{ name: 'lading.test/thing=one' }],
      annotations: { 'cdi.k8s.io/plugin': 'lading.test/thing=two' },
    });
    expect(await exec(id, 'echo $THING; ls /thing; echo x >/dev/thing')).toBe(
      'one\nthing.json\nsh: write error: No space left on device\nexit 1',
    );
    expect(JSON.parse(readFileSync(hooked, 'utf8')).id).toBe(id);
  });
});

describe('Status', () => {
  it('says what each handler can do, and what the daemon runs with', async () => {
    const { runtimeHandlers, info } = await daemon.runtime.status({ verbose: true });
    expect(runtimeHandlers.map(({ name }) => name)).toEqual(['', 'runc']);
    for (const { features } of runtimeHandlers) expect(features?.recursiveReadOnlyMounts).toBe(true);
    expect(JSON.parse(info.runtimes ?? '').runc).toMatch(/^\d+\.\d+/);
    const { missingCapabilities } = JSON.parse(info.limits ?? '');
    const { bounding } = processCapabilities();
    expect(missingCapabilities.includes('CAP_SYS_RESOURCE')).toBe(!bounding.includes('CAP_SYS_RESOURCE'));
    expect(JSON.parse(info.config ?? '').listen).toBe(daemon.socket);
  });
});

describe('UpdateRuntimeConfig', () => {
  it('writes the configuration of the network from a template', async () => {
    const template = join(world.root, 'template');
    await writeFile(
      template,
      '{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"bridge","ipam":{"type":"host-local","subnet":"{{.PodCIDR}}"}}]}',
    );
    const folder = join(world.root, 'templated.d');
    await writeFile(
      join(world.root, 'ladingd.conf'),
      `${config}[crio.network]\nconf_template = "${template}"\n`,
    );
    await daemon.end('SIGTERM');
    daemon = await world.serve('--cni-config-dir', folder);
    const condition = async () => (await daemon.runtime.status({})).status?.conditions[1];
    expect(await condition()).toMatchObject({ type: 'NetworkReady', status: false });
    const networkConfig = { podCidr: '10.86.99.0/24' };
    await daemon.runtime.updateRuntimeConfig({ runtimeConfig: { networkConfig } });
    expect(await condition()).toMatchObject({ type: 'NetworkReady', status: true });
    expect(readFileSync(join(folder, '10-lading-net.conflist'), 'utf8')).toContain('"10.86.99.0/24"');
    await writeFile(join(world.root, 'ladingd.conf'), config);
    await daemon.end('SIGTERM');
    daemon = await world.serve();
  });
});
