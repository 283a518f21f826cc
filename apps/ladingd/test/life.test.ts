// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  type ContainerConfig,
  ContainerState,
  type ContainerStatus,
  type Input,
  NamespaceMode,
  PodSandboxState,
  Protocol,
} from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let imageId: string;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  ({ imageRef: imageId } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

async function runPod(...pod: Parameters<World['pod']>): Promise<string> {
  return (await daemon.runtime.runPodSandbox({ config: world.pod(...pod) })).podSandboxId;
}

async function create(
  podSandboxId: string,
  name: string,
  more: Input<ContainerConfig> = {},
): Promise<string> {
  const config = { metadata: { name }, image: { image: imageId }, logPath: `${name}/0.log`, ...more };
  return (await daemon.runtime.createContainer({ podSandboxId, config })).containerId;
}

async function start(podSandboxId: string, name: string, more?: Input<ContainerConfig>): Promise<string> {
  const containerId = await create(podSandboxId, name, more);
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

async function statusOf(containerId: string): Promise<ContainerStatus> {
  const { status } = await daemon.runtime.containerStatus({ containerId });
  if (status === undefined) throw new Error('no status');
  return status;
}

async function exited(containerId: string): Promise<ContainerStatus> {
  await until(async () => (await statusOf(containerId)).state === ContainerState.CONTAINER_EXITED);
  return statusOf(containerId);
}

const shell = (script: string): Input<ContainerConfig> => ({ command: ['sh', '-c', script] });

describe('a pod with two containers', () => {
  it('lives from RunPodSandbox to RemovePodSandbox', async () => {
    const { runtime } = daemon;
    const podSandboxId = await runPod('web', { labels: { app: 'web' }, annotations: { note: 'x' } });
    const { status: pod } = await runtime.podSandboxStatus({ podSandboxId });
    expect(pod).toMatchObject({
      id: podSandboxId,
      metadata: { name: 'web', uid: 'web-uid', namespace: 'test', attempt: 0 },
      state: PodSandboxState.SANDBOX_READY,
      labels: { app: 'web' },
      annotations: { note: 'x' },
    });
    expect(pod?.network?.ip).toMatch(/^10\.86\.\d+\.\d+$/);
    expect(pod?.createdAt).toBeGreaterThan(0n);

    const script = 'echo out; echo err >&2; printf part; trap "exit 7" INT; while :; do sleep 0.05; done';
    const server = await create(podSandboxId, 'server', { ...shell(script), labels: { tier: 'front' } });
    expect(await statusOf(server)).toMatchObject({
      state: ContainerState.CONTAINER_CREATED,
      startedAt: 0n,
      finishedAt: 0n,
      reason: '',
      image: { image: `${world.image}:latest` },
      imageId,
      logPath: join(world.root, 'logs/web/server/0.log'),
    });
    await runtime.startContainer({ containerId: server });
    const job = await start(podSandboxId, 'job', shell('exit 0'));

    expect(await exited(job)).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(await statusOf(server)).toMatchObject({
      state: ContainerState.CONTAINER_RUNNING,
      exitCode: 0,
      reason: '',
      labels: { tier: 'front' },
    });
    const seen = async (filter: object): Promise<string[]> =>
      (await runtime.listContainers({ filter })).containers.map(({ id }) => id).sort();
    expect(await seen({})).toEqual([server, job].sort());
    expect(await seen({ state: { state: ContainerState.CONTAINER_RUNNING } })).toEqual([server]);
    expect(await seen({ state: { state: ContainerState.CONTAINER_EXITED } })).toEqual([job]);
    expect(await seen({ labelSelector: { tier: 'front' } })).toEqual([server]);
    expect(await seen({ labelSelector: { tier: '' } })).toEqual([]);
    expect(await seen({ podSandboxId: podSandboxId.slice(0, 13) })).toEqual([server, job].sort());
    expect(await seen({ podSandboxId: 'f'.repeat(64) })).toEqual([]);
    expect(await seen({ id: job.slice(0, 13) })).toEqual([job]);

    const log = join(world.root, 'logs/web/server/0.log');
    await until(() => readFileSync(log, 'utf8').includes(' part'));
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)`;
    const lines = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .sort((a, b) => (a.slice(36) < b.slice(36) ? -1 : 1));
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^${time} stderr F err$`)),
      expect.stringMatching(new RegExp(`^${time} stdout F out$`)),
      expect.stringMatching(new RegExp(`^${time} stdout P part$`)),
    ]);

    await runtime.stopContainer({ containerId: server, timeout: 10n });
    const ended = await statusOf(server);
    expect(ended).toMatchObject({ state: ContainerState.CONTAINER_EXITED, exitCode: 7, reason: 'Error' });
    expect(ended.finishedAt).toBeGreaterThan(ended.startedAt);
    await runtime.stopContainer({ containerId: server, timeout: 10n });
    await runtime.removeContainer({ containerId: server });
    await runtime.removeContainer({ containerId: server });
    await runtime.stopContainer({ containerId: server });
    await expect(runtime.containerStatus({ containerId: server })).rejects.toMatchObject({
      code: 'not_found',
    });

    await runtime.stopPodSandbox({ podSandboxId });
    await runtime.stopPodSandbox({ podSandboxId });
    const { status: stopped } = await runtime.podSandboxStatus({ podSandboxId });
    expect(stopped?.state).toBe(PodSandboxState.SANDBOX_NOTREADY);
    await runtime.removePodSandbox({ podSandboxId });
    await runtime.removePodSandbox({ podSandboxId });
    await runtime.stopPodSandbox({ podSandboxId });
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
    expect(await seen({})).toEqual([]);
    expect(world.leftovers()).toEqual([]);
  });

  it('ends with it, running or not', async () => {
    const podSandboxId = await runPod('short');
    const containerId = await start(podSandboxId, 'main');
    await create(podSandboxId, 'never-started');
    await daemon.runtime.stopPodSandbox({ podSandboxId });
    // By force: it would have ended with 7 at its stop signal.
    expect(await statusOf(containerId)).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 137,
    });
    await daemon.runtime.removePodSandbox({ podSandboxId });
    expect((await daemon.runtime.listContainers({})).containers).toEqual([]);
  });
});

describe('lists of pods', () => {
  it('are filtered by state, label and the start of an id, and stream too', async () => {
    const { runtime } = daemon;
    const one = await runPod('one', { labels: { n: '1' } });
    const two = await runPod('two', { labels: { n: '2' } });
    await runtime.stopPodSandbox({ podSandboxId: two });
    const seen = async (filter: object): Promise<string[]> =>
      (await runtime.listPodSandbox({ filter })).items.map(({ id }) => id).sort();
    expect(await seen({})).toEqual([one, two].sort());
    expect(await seen({ state: { state: PodSandboxState.SANDBOX_READY } })).toEqual([one]);
    expect(await seen({ state: { state: PodSandboxState.SANDBOX_NOTREADY } })).toEqual([two]);
    expect(await seen({ labelSelector: { n: '1' } })).toEqual([one]);
    expect(await seen({ id: two.slice(0, 13) })).toEqual([two]);
    const container = await create(one, 'c');
    const streamed: string[] = [];
    for await (const { podSandboxes } of runtime.streamPodSandboxes({})) {
      streamed.push(...podSandboxes.map(({ id }) => id));
    }
    for await (const { containers } of runtime.streamContainers({})) {
      streamed.push(...containers.map(({ id }) => id));
    }
    expect(streamed.sort()).toEqual([one, two, container].sort());
  });
});

describe('ExecSync', () => {
  it('gives output and exit code, and ends what runs too long', async () => {
    const containerId = await start(await runPod('exec'), 'main', {
      envs: [{ key: 'GREETING', value: Buffer.from('grüß=dich') }],
      workingDir: '/srv',
    });
    const exec = (timeout: bigint, ...cmd: string[]) =>
      daemon.runtime.execSync({ containerId, cmd, timeout });
    const result = await exec(
      0n,
      'sh',
      '-c',
      'echo "$GREETING"; echo "$FROM_IMAGE"; pwd; echo bad >&2; exit 3',
    );
    expect(text(result.stdout)).toBe('grüß=dich\nyes\n/srv\n');
    expect(text(result.stderr)).toBe('bad\n');
    expect(result.exitCode).toBe(3);
    // More seconds than a timer can count must not end it at once.
    expect((await exec(2n ** 62n, 'sh', '-c', 'sleep 0.2')).exitCode).toBe(0);
    await expect(exec(1n, 'sleep', '987')).rejects.toMatchObject({ code: 'deadline_exceeded' });
    const { stdout } = await exec(0n, 'sh', '-c', 'cat /proc/[0-9]*/cmdline');
    expect(text(stdout)).not.toContain('987');
    await expect(exec(0n, 'no-such-program')).rejects.toMatchObject({ reason: 'COMMAND_NOT_FOUND' });
    await expect(exec(0n)).rejects.toMatchObject({ code: 'invalid_argument' });
    await daemon.runtime.stopContainer({ containerId });
    await expect(exec(0n, 'true')).rejects.toMatchObject({ code: 'failed_precondition' });
  });
});

describe('a container', () => {
  it('that takes more memory than it may is OOMKilled', async () => {
    const containerId = await start(await runPod('oom'), 'main', {
      command: ['tail', '/dev/zero'],
      linux: { resources: { memoryLimitInBytes: 16n << 20n, memorySwapLimitInBytes: 16n << 20n } },
    });
    expect(await exited(containerId)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  it('has what its config asks for, in a folder of the host that was missing', async () => {
    const hostPath = join(world.root, 'volumes/made');
    const containerId = await start(await runPod('config'), 'main', {
      ...shell('echo kept > /data/file; id -u; id -g; id -G; exec sleep 1000'),
      mounts: [{ containerPath: '/data', hostPath }],
      linux: {
        resources: { cpuShares: 512n, memoryLimitInBytes: 64n << 20n },
        securityContext: {
          runAsUser: { value: 33n },
          runAsGroup: { value: 34n },
          supplementalGroups: [40n],
          namespaceOptions: { pid: NamespaceMode.CONTAINER },
        },
      },
    });
    // The user may not write there: the folder is root's.
    const log = join(world.root, 'logs/config/main/0.log');
    await until(() => readFileSync(log, 'utf8').includes('34 40'));
    // Lines of stderr stand between them wherever the monitor has read them.
    const said = [...readFileSync(log, 'utf8').matchAll(/ stdout F (.*)\n/g)].map(([, text]) => text);
    expect(said).toEqual(['33', '34', '34 40']);
    expect(existsSync(hostPath)).toBe(true);
    expect(await statusOf(containerId)).toMatchObject({
      mounts: [{ containerPath: '/data', hostPath, readonly: false }],
      resources: { linux: { cpuShares: 512n, memoryLimitInBytes: 64n << 20n } },
    });
    const resources = { memoryLimitInBytes: 96n << 20n };
    await daemon.runtime.updateContainerResources({ containerId, linux: resources });
    expect((await statusOf(containerId)).resources?.linux).toMatchObject(resources);
  });

  it('writes to a new log file after ReopenContainerLog', async () => {
    const containerId = await start(
      await runPod('log'),
      'main',
      shell('while :; do echo x; sleep 0.05; done'),
    );
    const log = join(world.root, 'logs/log/main/0.log');
    await until(() => existsSync(log));
    await rename(log, `${log}.1`);
    await daemon.runtime.reopenContainerLog({ containerId });
    await until(() => existsSync(log) && readFileSync(log, 'utf8').includes(' stdout F x'));
    await daemon.runtime.stopContainer({ containerId });
    await expect(daemon.runtime.reopenContainerLog({ containerId })).rejects.toMatchObject({
      code: 'failed_precondition',
    });
  });
});

describe('a pod', () => {
  it('answers at a port of the host, and has the kernel parameters that are its own', async () => {
    const hostPort = await freePort();
    const podSandboxId = await runPod('ports', {
      portMappings: [
        { protocol: Protocol.TCP, containerPort: 80, hostPort },
        { protocol: Protocol.TCP, containerPort: 443, hostPort: 0 },
      ],
      linux: { sysctls: { 'net.ipv4.ip_unprivileged_port_start': '79' } },
      dnsConfig: { servers: ['10.9.8.7'], searches: ['cluster.local'], options: ['ndots:5'] },
    });
    const containerId = await start(podSandboxId, 'httpd', {
      ...shell('mkdir /tmp/www && echo hello > /tmp/www/index.html && exec httpd -f -p 80 -h /tmp/www'),
    });
    await until(async () => {
      try {
        return (await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()) === 'hello\n';
      } catch {
        return false; // not listening yet
      }
    });
    const { stdout } = await daemon.runtime.execSync({
      containerId,
      cmd: ['sh', '-c', 'hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start /etc/resolv.conf'],
    });
    expect(text(stdout)).toBe('ports\n79\nsearch cluster.local\nnameserver 10.9.8.7\noptions ndots:5\n');
  });

  it('on the network of the host has no address of its own', async () => {
    const podSandboxId = await runPod('host', {
      hostname: '',
      linux: {
        securityContext: { namespaceOptions: { network: NamespaceMode.NODE, pid: NamespaceMode.NODE } },
      },
    });
    const { status } = await daemon.runtime.podSandboxStatus({ podSandboxId });
    expect(status?.network?.ip).toBe('');
    expect(status?.linux?.namespaces?.options).toMatchObject({ network: NamespaceMode.NODE });
    const containerId = await start(podSandboxId, 'main');
    const { stdout } = await daemon.runtime.execSync({
      containerId,
      cmd: ['cat', '/proc/sys/kernel/hostname'],
    });
    expect(text(stdout)).toBe(readFileSync('/proc/sys/kernel/hostname', 'utf8'));
  });

  it('needs no hostname, and its container no Linux part', async () => {
    const podSandboxId = await runPod('no_name', { hostname: '' });
    const containerId = await start(podSandboxId, 'main');
    const { stdout } = await daemon.runtime.execSync({ containerId, cmd: ['hostname'] });
    expect(text(stdout)).toBe('no-name\n');
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
