// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerConfig, Input, PodSandboxConfig } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
let hooks: string;
let mounts: string;
let slow: string;
beforeAll(async () => {
  world = await createWorld();
  hooks = join(world.root, 'hooks.d');
  mounts = join(world.root, 'mounts.conf');
  slow = join(world.root, 'slow');
  await mkdir(hooks);
  await writeFile(join(world.root, 'shared'), 'from the host');
  await writeFile(mounts, `# of all\n${world.root}/shared:/srv/shared\n${world.root}/missing:/srv/missing\n`);
  await writeFile(
    join(world.root, 'ladingd.conf'),
    `
[crio.runtime]
default_runtime = "runc"
conmon_cgroup = "pod"
hooks_dir = ["${hooks}"]
default_mounts_file = "${mounts}"
absent_mount_sources_to_reject = ["${world.root}/disk"]
allowed_devices = ["/dev/null"]
[crio.runtime.runtimes.runc]
allowed_annotations = ["devices.crio.io", "shm-size.crio.io", "umask.crio.io"]
monitor_env = ["OF_MONITOR=yes"]
monitor_cgroup = "pod"
container_create_timeout = 60
[crio.runtime.runtimes.old]
runtime_path = "${world.root}/old"
[crio.runtime.runtimes.hangs]
runtime_path = "${slow}"
container_create_timeout = 2
`,
  );
  // At create it does nothing while there is a gate, and says who does nothing.
  const hang = `[ $word = create ] && [ -e ${slow}.gate ] && { echo $$ >>${slow}.pids; exec sleep 1000; }`;
  await writeFile(slow, `#!/bin/sh\nfor word; do ${hang}; done\nexec runc "$@"\n`);
  await chmod(slow, 0o755);
  const old = join(world.root, 'old');
  await writeFile(old, `#!/bin/sh\nfor word; do [ $word = features ] && exit 1; done\nexec runc "$@"\n`);
  await chmod(old, 0o755);
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(async () => {
  await rm(hooks, { recursive: true });
  await mkdir(hooks);
  await world.leaveNothing();
});

async function create(
  pod: Input<PodSandboxConfig> = {},
  config: Input<ContainerConfig> = {},
): Promise<{ podSandboxId: string; containerId: string }> {
  const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('pod', pod) });
  const { containerId } = await daemon.runtime.createContainer({
    podSandboxId,
    config: { metadata: { name: 'main' }, image: { image }, ...config },
  });
  return { podSandboxId, containerId };
}

/** A hook that writes the state that it is given to a file of its stage's name. */
async function addHook(name: string, when: object, ...stages: readonly string[]): Promise<void> {
  const args = ['sh', '-c', `cat >${world.root}/${name}.state`];
  const hook = { version: '1.0.0', hook: { path: '/bin/sh', args }, when, stages };
  await writeFile(join(hooks, `${name}.json`), JSON.stringify(hook));
}

async function output(containerId: string, script: string): Promise<string> {
  const { stdout } = await daemon.runtime.execSync({ containerId, cmd: ['sh', '-c', script] });
  return Buffer.from(stdout).toString();
}

const stateOf = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(world.root, `${name}.state`), 'utf8'));

describe('hooks_dir', () => {
  it('has programs run at the stages of the containers that they are for', async () => {
    await addHook('made', { commands: ['^sleep$'] }, 'createRuntime');
    await addHook('gone', { annotations: { '^io\\.example$': '^1$' } }, 'poststop');
    await addHook('other', { commands: ['^cat$'] }, 'createRuntime');
    const { podSandboxId, containerId } = await create({}, { annotations: { 'io.example': '1' } });
    await daemon.runtime.startContainer({ containerId });
    expect(await stateOf('made')).toMatchObject({ id: containerId, annotations: { 'io.example': '1' } });
    expect(existsSync(join(world.root, 'gone.state'))).toBe(false);
    await daemon.runtime.removePodSandbox({ podSandboxId });
    expect(await stateOf('gone')).toMatchObject({ id: containerId, status: 'stopped' });
    expect(existsSync(join(world.root, 'other.state'))).toBe(false);
  });

  it('lets no container start without a hook that cannot be read, or that fails', async () => {
    const { containerId } = await create();
    await writeFile(join(hooks, 'broken.json'), '{"version": "1.0.0"}');
    await expect(daemon.runtime.startContainer({ containerId })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'HOOKS_BROKEN',
      message: expect.stringContaining(join(hooks, 'broken.json')),
    });
    const failing = { version: '1.0.0', hook: { path: '/bin/false' }, when: { always: true } };
    await writeFile(join(hooks, 'broken.json'), JSON.stringify({ ...failing, stages: ['createRuntime'] }));
    await expect(daemon.runtime.startContainer({ containerId })).rejects.toThrow('hook');
    await rm(join(hooks, 'broken.json'));
    await daemon.runtime.startContainer({ containerId });
  });
});

describe('default_mounts_file', () => {
  it('is mounted in each container, for reading, as far as the host has it', async () => {
    const { containerId } = await create();
    await daemon.runtime.startContainer({ containerId });
    expect(await output(containerId, 'cat /srv/shared; echo x 2>&1 >/srv/shared; ls /srv')).toMatch(
      /^from the host.*Read-only file system\nshared\n$/s,
    );
    expect(existsSync(join(world.root, 'missing'))).toBe(false);
  });

  it('that is wrong has no container made, and names its line', async () => {
    const before = await readFile(mounts, 'utf8');
    await writeFile(mounts, 'relative:/srv\n');
    try {
      await expect(create()).rejects.toMatchObject({
        code: 'failed_precondition',
        message: expect.stringContaining('line 1: "relative:/srv" is not of the form /host:/inside'),
      });
    } finally {
      await writeFile(mounts, before);
    }
  });
});

it('a source of a mount that must be there is not made', async () => {
  const hostPath = join(world.root, 'disk');
  await expect(create({}, { mounts: [{ hostPath, containerPath: '/data' }] })).rejects.toMatchObject({
    code: 'failed_precondition',
    message: expect.stringContaining(`needs ${hostPath}, which is not there`),
  });
  expect(existsSync(hostPath)).toBe(false);
});

describe('allowed_annotations', () => {
  it('let a pod have devices, the size of its memory files and a umask', async () => {
    const annotations = {
      'devices.crio.io': '/dev/null:/dev/nothing:rw',
      'shm-size.crio.io': '3Mi',
      'umask.crio.io': '0077',
    };
    const { containerId } = await create({ annotations });
    await daemon.runtime.startContainer({ containerId });
    const script =
      'busybox stat -c %t:%T /dev/nothing; busybox df -k /dev/shm | tail -n 1; busybox grep Umask /proc/1/status';
    expect(await output(containerId, script)).toMatch(/^1:3\nshm +3072 .*\nUmask:\t0077\n$/s);
  });

  it('do not let it have other devices', async () => {
    await expect(create({ annotations: { 'devices.crio.io': '/dev/kmsg' } })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});

describe('a monitor', () => {
  async function monitorOf(containerId: string): Promise<{ readonly pid: number; readonly monitor: string }> {
    const { info } = await daemon.runtime.containerStatus({ containerId, verbose: true });
    const { pid } = JSON.parse(info.info ?? '{}');
    const monitor = /^PPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
    return { pid, monitor };
  }

  it('has the environment of monitor_env, and its container has not', async () => {
    const { containerId } = await create();
    await daemon.runtime.startContainer({ containerId });
    const { monitor } = await monitorOf(containerId);
    await until(async () =>
      (await readFile(`/proc/${monitor}/environ`, 'utf8')).split('\0').includes('OF_MONITOR=yes'),
    );
    expect(await output(containerId, 'echo "[$OF_MONITOR]"')).toBe('[]\n');
  });

  it('is in the control group of the pod by monitor_cgroup, until it ends', async () => {
    const { podSandboxId, containerId } = await create({
      linux: { securityContext: { namespaceOptions: {} } },
    });
    await daemon.runtime.startContainer({ containerId });
    const { pid, monitor } = await monitorOf(containerId);
    const groupOf = async (process: string | number): Promise<string | undefined> =>
      /^\d+:(?:[^:]*\bmemory\b[^:]*|):(.*)$/m.exec(await readFile(`/proc/${process}/cgroup`, 'utf8'))?.[1];
    expect(await groupOf(monitor)).toBe(`${world.cgroupParent}/lading-conmon-${containerId}`);
    expect(await groupOf(pid)).toBe(`${world.cgroupParent}/lading-${containerId}`);
    const groups = () => world.leftovers().filter((line) => line.includes('lading-conmon-'));
    expect(groups().filter((line) => line.includes(`${podSandboxId}-infra`))).not.toEqual([]);
    await daemon.runtime.stopContainer({ containerId });
    expect(groups().filter((line) => line.includes(containerId))).toEqual([]);
    await daemon.runtime.stopPodSandbox({ podSandboxId });
    expect(groups()).toEqual([]);
  });
});

describe('container_create_timeout', () => {
  const late = {
    code: 'deadline_exceeded',
    reason: 'RUNTIME_HANGS',
    message: expect.stringContaining('was not done after 2 s, and was killed'),
  };
  /** Those that hung are gone, or only nobody has looked at their end. */
  const areGone = async (): Promise<boolean> => {
    const pids = (await readFile(`${slow}.pids`, 'utf8')).trim().split('\n');
    return pids.every((pid) => !existsSync(`/proc/${pid}/root/`));
  };
  // By the daemon, as what clears the world does not know of the runtime.
  afterEach(async () => {
    await rm(`${slow}.gate`, { force: true });
    for (const { id } of (await daemon.runtime.listPodSandbox({})).items)
      await daemon.runtime.removePodSandbox({ podSandboxId: id });
  });

  it('ends the start of a container, of which nothing is left, and which can be started again', async () => {
    const { runtime } = daemon;
    const { podSandboxId } = await runtime.runPodSandbox({
      config: world.pod('slow'),
      runtimeHandler: 'hangs',
    });
    const { containerId } = await runtime.createContainer({
      podSandboxId,
      config: { metadata: { name: 'main' }, image: { image } },
    });
    const before = world.leftovers();
    await writeFile(`${slow}.gate`, '');
    await expect(runtime.startContainer({ containerId })).rejects.toMatchObject(late);
    await until(areGone);
    expect(world.leftovers()).toEqual(before);
    await rm(`${slow}.gate`);
    await runtime.startContainer({ containerId });
    expect(await output(containerId, 'echo up')).toBe('up\n');
  });

  it('ends a sandbox whose process cannot be made, and nothing of it is left', async () => {
    const { runtime } = daemon;
    // With processes in common, which takes a process.
    const config = world.pod('slow', { linux: { securityContext: { namespaceOptions: {} } } });
    await writeFile(`${slow}.gate`, '');
    await expect(runtime.runPodSandbox({ config, runtimeHandler: 'hangs' })).rejects.toMatchObject(late);
    await until(areGone);
    expect(world.leftovers()).toEqual([]);
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
  });
});

describe('a runtime', () => {
  it('that cannot make mounts read-only to their depth makes no container that asks for it', async () => {
    const { runtime } = daemon;
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('old'), runtimeHandler: 'old' });
    const mounts = [
      { hostPath: world.root, containerPath: '/data', readonly: true, recursiveReadOnly: true },
    ];
    const config = { metadata: { name: 'main' }, image: { image }, mounts };
    await expect(runtime.createContainer({ podSandboxId, config })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/^RROUnsupported: the runtime old cannot/),
    });
    const { runtimeHandlers } = await runtime.status({});
    expect(runtimeHandlers.find(({ name }) => name === 'old')?.features).toMatchObject({
      recursiveReadOnlyMounts: false,
    });
    await runtime.removePodSandbox({ podSandboxId });
  });
});
