// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProfileType, SupplementalGroupsPolicy } from '@lading/cri-api';
import { processCapabilities } from '@lading/linux';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { podCalls, security, statusLine } from './pod-calls.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  const config = `[crio.runtime]\ncdi_spec_dirs = ["${world.root}/cdi"]\n`;
  await writeFile(join(world.root, 'ladingd.conf'), config);
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const { runPod, start, exec } = podCalls(() => ({ world, daemon, image }));

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

describe('SELinux options', () => {
  it('of pods, containers and mounts keep nothing from running where the kernel has no SELinux', async () => {
    expect(existsSync('/sys/fs/selinux/enforce')).toBe(false);
    const selinuxOptions = { user: 'system_u', role: 'system_r', type: 'container_t', level: 's0:c1,c2' };
    const pod = await runPod('selinux', {}, { selinuxOptions });
    const mounts = [{ hostPath: world.root, containerPath: '/data', selinuxRelabel: true }];
    const id = await start(pod, 'a', { ...security({ selinuxOptions }), mounts });
    expect(await exec(id, 'echo up')).toBe('up\n');
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.mounts).toMatchObject(mounts);
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
