// SPDX-License-Identifier: Apache-2.0
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState, Protocol } from '@lading/cri-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectWebSocket } from '../../../packages/cri-streaming/test/websocket-client.ts';
import { pushNginxImage } from './nginx-image.ts';
import { askOverPortForward } from './over-port-forward.ts';
import { until } from './until.ts';
import { fetchText, freePort } from './web.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let podSandboxId: string;
let containerId: string;
let hostPort: number;
let log: string;
beforeAll(async () => {
  world = await createWorld();
  const [host = ''] = world.image.split('/');
  await pushNginxImage({ host, name: 'debian/nginx' }, join(world.root, 'image', 'nginx-work'));
  daemon = await world.serve();
  const { imageRef: image } = await daemon.images.pullImage({ image: { image: `${host}/debian/nginx` } });
  hostPort = await freePort();
  const portMappings = [{ protocol: Protocol.TCP, containerPort: 80, hostPort }];
  const config = world.pod('web', { portMappings });
  ({ podSandboxId } = await daemon.runtime.runPodSandbox({ config }));
  ({ containerId } = await daemon.runtime.createContainer({
    podSandboxId,
    config: { metadata: { name: 'nginx' }, image: { image }, logPath: 'nginx/0.log' },
    sandboxConfig: config,
  }));
  await daemon.runtime.startContainer({ containerId });
  log = join(world.root, 'logs/web/nginx/0.log');
});
afterAll(async () => {
  await world?.clear();
  const left = world?.leftovers();
  await world?.[Symbol.asyncDispose]();
  expect(left).toEqual([]);
});

const page = 'a page of nginx\n';

async function execSync(...cmd: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
  const { exitCode, stdout } = await daemon.runtime.execSync({ containerId, cmd: [...cmd] });
  return { exitCode, stdout: Buffer.from(stdout).toString() };
}

/** The ids of the processes that answer. */
async function workers(): Promise<readonly string[]> {
  const { stdout } = await execSync('busybox', 'ps', '-o', 'pid,args');
  const lines = stdout.split('\n').filter((line) => line.includes('nginx: worker process'));
  return lines.map((line) => line.trim().split(' ')[0] ?? '');
}

describe('nginx of Debian in a pod', () => {
  it('is served at a port of the host, and over port-forward', async () => {
    expect(await fetchText(`http://127.0.0.1:${hostPort}/`)).toBe(page);
    const request = 'GET /index.html HTTP/1.0\r\n\r\n';
    for (const port of [80, 8080]) {
      const answer = await askOverPortForward(daemon.runtime, podSandboxId, port, request);
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nServer: nginx\//);
      expect(answer.endsWith(`\r\n\r\n${page}`)).toBe(true);
    }
  });

  it('answers probes that run in it, many at once', async () => {
    await fetchText(`http://127.0.0.1:${hostPort}/`);
    const probe = (path: string) => execSync('busybox', 'wget', '-qO-', `http://127.0.0.1${path}`);
    const [broken, ...fine] = await Promise.all([
      probe('/broken'),
      ...Array.from({ length: 8 }, () => probe('/healthz')),
    ]);
    expect(broken).toEqual({ exitCode: 1, stdout: '' });
    for (const one of fine) expect(one).toEqual({ exitCode: 0, stdout: 'fine\n' });
  });

  it('writes both of its streams to its log, and to a new one when the old is taken away', async () => {
    await fetchText(`http://127.0.0.1:${hostPort}/first`);
    const has = async (pattern: RegExp) => pattern.test(await readFile(log, 'utf8'));
    await until(() => has(/^\S+ stdout F .*"GET \/first HTTP\/1\.1" 404 /m));
    await until(() => has(/^\S+ stderr F .*open\(\) "\/srv\/first" failed/m));
    await rename(log, `${log}.1`);
    await daemon.runtime.reopenContainerLog({ containerId });
    await fetchText(`http://127.0.0.1:${hostPort}/second`);
    await until(() => has(/"GET \/second HTTP\/1\.1" 404 /));
    expect(await readFile(log, 'utf8')).not.toContain('/first');
    expect(await readFile(`${log}.1`, 'utf8')).not.toContain('/second');
  });

  it('is told to read its configuration anew by an exec, and has new workers then', async () => {
    const before = await workers();
    expect(before).toHaveLength(2);
    const { url } = await daemon.runtime.exec({
      containerId,
      cmd: ['nginx', '-s', 'reload'],
      stdout: true,
      stderr: true,
    });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    await client.closed;
    expect(client.text(3)).toBe('{"status":"Success"}');
    await until(async () => {
      const now = await workers();
      return now.length === 2 && now.every((pid) => !before.includes(pid));
    });
    expect(await fetchText(`http://127.0.0.1:${hostPort}/`)).toBe(page);
  });

  it('serves while no daemon runs, and ends with zero on the stop signal of its image', async () => {
    expect(await daemon.end('SIGKILL')).toBe('SIGKILL');
    expect(await fetchText(`http://127.0.0.1:${hostPort}/`)).toBe(page);
    daemon = await world.serve();
    expect(await fetchText(`http://127.0.0.1:${hostPort}/`)).toBe(page);
    await daemon.runtime.stopContainer({ containerId, timeout: 30n });
    const { status } = await daemon.runtime.containerStatus({ containerId });
    expect(status).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 0,
      reason: 'Completed',
    });
    await daemon.runtime.removePodSandbox({ podSandboxId });
    await expect(fetch(`http://127.0.0.1:${hostPort}/`)).rejects.toThrow('fetch failed');
  });
});
