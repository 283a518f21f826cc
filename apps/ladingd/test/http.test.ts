// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

async function ask(path: string, method = 'GET'): Promise<Answer> {
  const asked = request({ socketPath: daemon.socket, path, method, agent: false }).end();
  const [response] = await once(asked, 'response');
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    body: await text(response),
  };
}

describe('plain HTTP on the socket of the daemon', () => {
  it('shows the configuration in force', async () => {
    const { status, type, body } = await ask('/config');
    expect([status, type]).toEqual([200, 'application/toml']);
    expect(body).toContain('[crio.api]');
    expect(body).toContain(`listen = "${daemon.socket}"`);
    expect(body).toContain(`root = "${join(world.root, 'graph')}"`);
  });

  it('shows where things are', async () => {
    const { status, type, body } = await ask('/info');
    expect([status, type]).toEqual([200, 'application/json']);
    expect(JSON.parse(body)).toMatchObject({
      storage_driver: 'overlay',
      storage_root: join(world.root, 'graph'),
      cgroup_driver: 'cgroupfs',
    });
  });

  it('shows a container', async () => {
    const { runtime } = daemon;
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('web') });
    const config = { metadata: { name: 'main' }, image: { image: world.image }, labels: { app: 'web' } };
    const { containerId } = await runtime.createContainer({ podSandboxId, config });
    await runtime.startContainer({ containerId });
    const { body } = await ask(`/containers/${containerId}?x=1`);
    const { status } = await runtime.podSandboxStatus({ podSandboxId });
    expect(JSON.parse(body)).toMatchObject({
      name: 'k8s_main_web_test_web-uid_0',
      pid: expect.any(Number),
      image: world.image,
      labels: { app: 'web' },
      sandbox: podSandboxId,
      ip_addresses: [status?.network?.ip],
      root: expect.stringMatching(/^\//),
    });
  });

  it.each([
    ['/containers/nope', 404, 'no container'],
    ['/containers/%2e%2e%2fx', 404, 'no container'],
    ['/', 404, '/config'],
    ['/config/x', 404, '/config'],
  ])('answers %s with %i', async (path, status, words) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(words);
  });

  it('can only be read, and answers HEAD without a body', async () => {
    expect((await ask('/config', 'POST')).status).toBe(405);
    expect(await ask('/config', 'HEAD')).toMatchObject({ status: 200, body: '' });
  });
});

describe('a connection to the socket', () => {
  const open = async (): Promise<Socket> => {
    const socket = connect(daemon.socket);
    await once(socket, 'connect');
    return socket;
  };

  it('may begin in pieces', async () => {
    const socket = await open();
    const answer = text(socket);
    for (const piece of ['G', 'ET /in', 'fo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n']) {
      await new Promise((resolve) => socket.write(piece, resolve));
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK/);
    const grpc = await open();
    const settings = once(grpc, 'data');
    for (const piece of ['P', 'RI * HTTP/2', '.0\r\n\r\nSM\r\n\r\n', '\0\0\0\x04\0\0\0\0\0']) {
      await new Promise((resolve) => grpc.write(piece, resolve));
    }
    const [frame] = await settings;
    expect(frame[3]).toBe(4); // SETTINGS
    grpc.destroy();
  });

  it('that says nonsense, nothing, or leaves at once harms nobody', async () => {
    (await open()).destroy();
    const silent = await open();
    const half = await open();
    half.end('PRI *');
    await once(half.resume(), 'close');
    const nonsense = await open();
    const answer = text(nonsense);
    nonsense.write('\x16\x03\x01 hello\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    await expect(daemon.runtime.version({})).resolves.toBeDefined();
    silent.destroy();
  });

  it('of gRPC ends when its client does', async () => {
    const grpc = await open();
    const settings = once(grpc, 'data');
    grpc.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
    await settings;
    grpc.end();
    await once(grpc, 'close');
  });

  it('that is silent does not keep the daemon from its end', async () => {
    const silent = await open();
    const closed = new Promise((resolve) =>
      silent
        .on('error', () => {})
        .resume()
        .once('close', resolve),
    );
    expect(await daemon.end('SIGTERM')).toBe(0);
    await closed;
    daemon = await world.serve();
  });
});
