// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processCapabilities, processRlimits } from '@lading/linux';
import type { Spec } from '@lading/oci-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerOptions } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { PodRecord } from '../types/pods.ts';
import { containerSpec, type SpecInput } from './container-spec.ts';

let rootfs: string;
beforeEach(async () => {
  rootfs = await mkdtemp(join(tmpdir(), 'lading-spec-'));
  await mkdir(join(rootfs, 'etc'));
  await writeFile(join(rootfs, 'etc/passwd'), 'web:x:33:34::/srv:/bin/sh\n');
});
afterEach(() => rm(rootfs, { recursive: true, force: true }));

const id = 'a'.repeat(64);
const files = { resolvConf: '/r/resolv.conf', hosts: '/r/hosts', hostname: '/r/hostname' };

function build(options: Partial<ContainerOptions> = {}, more: Partial<SpecInput> = {}): Promise<Spec> {
  const record: ContainerRecord = {
    version: 1,
    id,
    name: 'box',
    createdAt: '',
    imageId: '',
    imageName: '',
    options: { image: 'x', ...options },
    runtime: 'runc',
    process: { args: ['sh'], env: ['A=1'], cwd: '/', user: options.user ?? '' },
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 0,
    logPath: '',
    bundle: '',
    restartCount: 0,
  };
  return containerSpec({
    record,
    pod: undefined,
    rootfs,
    plan: { kind: 'new', attachments: [] },
    files,
    cgroupParent: '/parent',
    namespaceOf: async (ref, kind) => `/of/${ref}/${kind}`,
    cdiSpecDirs: [],
    hooksDirs: [],
    imageFolder: (image) => `/images/${image}`,
    ...more,
  });
}

const pod = (namespaces: PodRecord['namespaces'], options: PodRecord['options'] = {}): PodRecord => ({
  version: 1,
  id: 'b'.repeat(64),
  name: 'pod',
  hostname: 'pod',
  createdAt: '',
  options,
  bootId: '',
  namespaces,
  networks: [],
  files: { ...files, shm: '/pod/shm' },
});

const namespaces = (spec: Spec): Record<string, string> =>
  Object.fromEntries((spec.linux?.namespaces ?? []).map(({ type, path }) => [type, path ?? 'new']));
const mountAt = (spec: Spec, destination: string) =>
  spec.mounts?.filter((mount) => mount.destination === destination);

describe('containerSpec', () => {
  it('gives a process of its own namespaces, in a control group of its own', async () => {
    const spec = await build();
    expect(namespaces(spec)).toMatchObject({
      pid: 'new',
      network: 'new',
      ipc: 'new',
      uts: 'new',
      mount: 'new',
    });
    expect(spec.linux?.cgroupsPath).toBe(`/parent/lading-${id}`);
    expect(spec.hostname).toBe(id.slice(0, 12));
    expect(spec.root).toEqual({ path: rootfs, readonly: false });
    expect(spec.process).toMatchObject({ args: ['sh'], env: ['A=1', 'HOME=/'], user: { uid: 0, gid: 0 } });
  });

  it('joins the namespaces of a pod, and shares those of the host that the pod shares', async () => {
    const plan = { kind: 'path', path: '/pod/net', attachments: [] } as const;
    const own = await build({}, { pod: pod({ net: '/pod/net', ipc: '/pod/ipc', uts: '/pod/uts' }), plan });
    expect(namespaces(own)).toMatchObject({
      network: '/pod/net',
      ipc: '/pod/ipc',
      uts: '/pod/uts',
      pid: 'new',
    });
    expect(own.hostname).toBeUndefined();
    expect(mountAt(own, '/dev/shm')).toMatchObject([{ source: '/pod/shm', type: 'bind' }]);
    const host = await build(
      {},
      { pod: pod({}, { namespaces: { pid: 'host' } }), plan: { kind: 'host', attachments: [] } },
    );
    expect(Object.keys(namespaces(host)).filter((type) => type !== 'cgroup')).toEqual(['mount']);
    expect(mountAt(host, '/dev/shm')).toMatchObject([{ source: '/dev/shm' }]);
  });

  it('joins the pid namespace of a pod that shares one, unless it is to have its own', async () => {
    const shared = pod({ pid: '/pod/pid' }, { namespaces: { pid: 'pod' } });
    expect(namespaces(await build({}, { pod: shared })).pid).toBe('/pod/pid');
    expect(namespaces(await build({ namespaces: { pid: 'pod' } }, { pod: shared })).pid).toBe('/pod/pid');
    expect(namespaces(await build({ namespaces: { pid: 'private' } }, { pod: shared })).pid).toBe('new');
    expect(namespaces(await build({ namespaces: { pid: 'pod' } }, { pod: pod({}) })).pid).toBe('new');
  });

  it('keeps ambient capabilities for a user who is not root, and gives them as far as we have them', async () => {
    const spec = await build({
      user: '1000',
      capabilities: { ambient: ['NET_BIND_SERVICE', 'CAP_SYS_RESOURCE'] },
    });
    const own = processCapabilities().bounding.includes('CAP_SYS_RESOURCE') ? ['CAP_SYS_RESOURCE'] : [];
    for (const set of ['ambient', 'inheritable', 'effective', 'permitted'] as const) {
      expect(spec.process?.capabilities?.[set]).toEqual(['CAP_NET_BIND_SERVICE', ...own]);
    }
  });

  it('mounts the files of an image for reading only', async () => {
    const spec = await build({ mounts: [{ type: 'image', source: 'abc', target: '/data' }] });
    expect(mountAt(spec, '/data')).toMatchObject([{ type: 'bind', source: '/images/abc' }]);
    expect(mountAt(spec, '/data')?.[0]?.options).toContain('ro');
  });

  it('joins what was named', async () => {
    const spec = await build({ namespaces: { pid: 'container:web', ipc: 'ns:/some/ipc', uts: 'host' } });
    expect(namespaces(spec)).toMatchObject({ pid: '/of/web/pid', ipc: '/some/ipc' });
    expect(namespaces(spec).uts).toBeUndefined();
  });

  it.each([
    [{ namespaces: { pid: 'pod' } as const }, undefined, 'invalid_argument'],
    [{ capabilities: { add: ['NOT_A_CAP'] } }, undefined, 'invalid_argument'],
    [{ rlimits: [{ type: 'nosuch', soft: 1, hard: 1 }] }, undefined, 'invalid_argument'],
    [{ devices: [{ hostPath: '/etc/passwd' }] }, undefined, 'invalid_argument'],
    [{ devices: [{ hostPath: '/dev/no-such-device' }] }, undefined, 'not_found'],
  ])('refuses %j', async (options, inPod, code) => {
    await expect(build(options, { pod: inPod })).rejects.toMatchObject({ code });
  });

  it('mounts the files of our making unless the caller mounts there', async () => {
    const spec = await build({ mounts: [{ type: 'bind', source: '/etc/hosts', target: '/etc/hosts' }] });
    expect(mountAt(spec, '/etc/hosts')).toMatchObject([{ source: '/etc/hosts' }]);
    expect(mountAt(spec, '/etc/resolv.conf')).toMatchObject([{ source: '/r/resolv.conf' }]);
  });

  it('lets only a mount that asks for it take part in propagation', async () => {
    const bind = (option: string) =>
      build({ mounts: [{ type: 'bind', source: '/tmp', target: '/x', options: [option] }] });
    expect((await bind('noexec')).linux?.rootfsPropagation).toBeUndefined();
    expect((await bind('rslave')).linux?.rootfsPropagation).toBe('rslave');
    const shared = await bind('rshared');
    expect(shared.linux?.rootfsPropagation).toBe('rshared');
    expect(mountAt(shared, '/x')?.[0]?.options).toEqual(['rbind', 'rshared', 'rw']);
  });

  it('gives another user than root only the capabilities that were asked for', async () => {
    const spec = await build({ user: 'web', capabilities: { add: ['net_bind_service'] } });
    const caps = spec.process?.capabilities;
    expect(caps?.effective).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(caps?.ambient).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(caps?.bounding).toContain('CAP_CHOWN');
    expect(spec.process?.user).toMatchObject({ uid: 33, gid: 34 });
    expect(spec.process?.env).toContain('HOME=/srv');
  });

  it('gives a privileged one what we have and no more', async () => {
    const spec = await build({ privileged: true });
    expect(spec.process?.capabilities?.bounding).toEqual(processCapabilities().bounding);
    expect(spec.linux?.maskedPaths).toBeUndefined();
    expect(spec.linux?.devices?.map(({ path }) => path)).not.toContain('/dev/null');
  });

  it('clamps rlimits to ours where we may not raise them', async () => {
    const spec = await build({ rlimits: [{ type: 'NoFile', soft: -1, hard: -1 }] });
    const [limit] = spec.process?.rlimits ?? [];
    expect(limit?.type).toBe('RLIMIT_NOFILE');
    const free = processCapabilities().effective.includes('CAP_SYS_RESOURCE');
    if (!free) expect(BigInt(limit?.hard ?? 0)).toBe(processRlimits().RLIMIT_NOFILE?.hard);
  });

  it('filters system calls by the capabilities, unless it is privileged or was told not to', async () => {
    const actionOf = (spec: Spec, name: string): string | undefined =>
      spec.linux?.seccomp?.syscalls?.find(({ names }) => names.includes(name))?.action;
    const spec = await build();
    expect(actionOf(spec, 'chroot')).toBe('SCMP_ACT_ALLOW');
    expect(actionOf(spec, 'sethostname')).toBe('SCMP_ACT_ERRNO');
    expect(spec.linux?.seccomp?.architectures?.length).toBeGreaterThan(1);
    const admin = await build({ capabilities: { add: ['SYS_ADMIN'], drop: ['SYS_CHROOT'] } });
    expect(actionOf(admin, 'chroot')).toBe('SCMP_ACT_ERRNO');
    expect(actionOf(admin, 'sethostname')).toBe('SCMP_ACT_ALLOW');
    expect((await build({ privileged: true })).linux).not.toHaveProperty('seccomp');
    expect((await build({ seccomp: 'unconfined' })).linux).not.toHaveProperty('seccomp');
  });

  it('writes limits, sysctls and paths as they were given', async () => {
    const spec = await build({
      resources: { memoryBytes: 1024, cpuQuotaUs: 5, pidsLimit: 7, unified: { 'memory.high': '1' } },
      sysctls: { 'net.core.somaxconn': '9' },
      maskedPaths: [],
      readonlyPaths: ['/proc/x'],
      shmSizeBytes: 4096,
      noNewPrivileges: true,
      annotations: { a: 'b' },
    });
    expect(spec.linux?.resources).toMatchObject({
      memory: { limit: 1024 },
      cpu: { quota: 5 },
      pids: { limit: 7 },
    });
    expect(spec.linux).toMatchObject({
      sysctl: { 'net.core.somaxconn': '9' },
      maskedPaths: [],
      readonlyPaths: ['/proc/x'],
    });
    expect(mountAt(spec, '/dev/shm')?.[0]?.options).toContain('size=4096');
    expect(spec.process?.noNewPrivileges).toBe(true);
    expect(spec.annotations).toMatchObject({ a: 'b' });
  });
});
