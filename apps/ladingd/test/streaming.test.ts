// SPDX-License-Identifier: Apache-2.0
import type { ContainerConfig, Input } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectSpdy } from '../../../packages/cri-streaming/test/spdy-client.ts';
import { connectWebSocket } from '../../../packages/cri-streaming/test/websocket-client.ts';
import { askOverPortForward } from './over-port-forward.ts';
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

async function start(command: string[], more: Input<ContainerConfig> = {}) {
  const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('streams') });
  const config = { metadata: { name: 'main' }, image: { image: imageId }, command, ...more };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return { podSandboxId, containerId };
}

const sh = (script: string): string[] => ['/bin/sh', '-c', script];
const forever = ['/bin/sleep', '1000'];
async function commands(containerId: string): Promise<string> {
  const cmd = ['/bin/busybox', 'ps', '-o', 'args'];
  return Buffer.from((await daemon.runtime.execSync({ containerId, cmd })).stdout).toString();
}

const untilGone = (containerId: string, command: string): Promise<void> =>
  until(async () => !(await commands(containerId)).includes(command));

const exitOf = (status: string): unknown => JSON.parse(status).details?.causes[0].message;

describe('exec', () => {
  it('runs over WebSocket with all streams, and tells the exit code', async () => {
    const { containerId } = await start(forever);
    const { url } = await daemon.runtime.exec({
      containerId,
      cmd: sh('cat; echo err >&2; exit 7'),
      stdin: true,
      stdout: true,
      stderr: true,
    });
    const client = await connectWebSocket(url, ['v5.channel.k8s.io']);
    client.send(0, 'hello');
    client.socket.send(Buffer.from([255, 0]));
    await client.closed;
    expect([client.text(1), client.text(2), exitOf(client.text(3))]).toEqual(['hello', 'err\n', '7']);
  });

  it('runs over SPDY as kubelets ask for it', async () => {
    const { containerId } = await start(forever);
    const { url } = await daemon.runtime.exec({
      containerId,
      cmd: sh('cat; exit 7'),
      stdin: true,
      stdout: true,
      stderr: true,
    });
    const client = await connectSpdy(url, ['v4.channel.k8s.io']);
    const [error = 0, stdin = 0, stdout = 0] = ['error', 'stdin', 'stdout', 'stderr'].map((streamtype) =>
      client.open({ streamtype }),
    );
    client.send(stdin, 'hello', true);
    await client.until(() => client.events.includes('goaway'));
    expect([client.text(stdout), exitOf(client.text(error))]).toEqual(['hello', '7']);
    await client.closed;
  });

  it("runs at a terminal, whose size is the client's", async () => {
    const { containerId } = await start(forever);
    const script =
      'until [ "$(busybox stty size 2>/dev/null)" = "31 91" ]; do :; done; echo sized; read line; exit 7';
    const { url } = await daemon.runtime.exec({
      containerId,
      cmd: sh(script),
      stdin: true,
      stdout: true,
      tty: true,
    });
    const client = await connectSpdy(url, ['v4.channel.k8s.io']);
    const [error = 0, stdin = 0, stdout = 0, resize = 0] = ['error', 'stdin', 'stdout', 'resize'].map(
      (streamtype) => client.open({ streamtype }),
    );
    client.send(resize, '{"Width":91,"Height":31}\n');
    await client.until(() => client.text(stdout).includes('sized'));
    client.send(stdin, 'word\r');
    await client.until(() => client.events.includes('goaway'));
    expect([client.text(stdout), exitOf(client.text(error))]).toEqual(['sized\r\nword\r\n', '7']);
    await client.closed;
  });

  it('tells that a command is not there', async () => {
    const { containerId } = await start(forever);
    const { url } = await daemon.runtime.exec({ containerId, cmd: ['/nope'], stdout: true });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    await client.closed;
    expect(JSON.parse(client.text(3))).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      message: expect.stringContaining('/nope'),
    });
  });

  it('ends the process when the client goes', async () => {
    const { containerId } = await start(forever);
    const { url } = await daemon.runtime.exec({
      containerId,
      cmd: sh('echo ready; sleep 999'),
      stdout: true,
    });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    await client.until(() => client.text(1) === 'ready\n');
    client.socket.terminate();
    await untilGone(containerId, 'sleep 999');
  });

  it('ends what runs at a terminal when its client goes, with jobs of a shell in groups of their own', async () => {
    const { containerId } = await start(forever);
    const { url } = await daemon.runtime.exec({
      containerId,
      cmd: sh('set -m; sleep 888; true'),
      stdin: true,
      stdout: true,
      tty: true,
    });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    await until(async () => (await commands(containerId)).includes('sleep 888'));
    client.socket.terminate();
    await untilGone(containerId, 'sleep 888');
    expect(await commands(containerId)).not.toContain('set -m');
  });

  it('is not hurt by sizes that come when the process has ended', async () => {
    const { containerId } = await start(forever);
    const { url } = await daemon.runtime.exec({
      containerId,
      cmd: sh('read line; exit 7'),
      stdin: true,
      stdout: true,
      tty: true,
    });
    const client = await connectSpdy(url, ['v4.channel.k8s.io']);
    const [error = 0, stdin = 0, , resize = 0] = ['error', 'stdin', 'stdout', 'resize'].map((streamtype) =>
      client.open({ streamtype }),
    );
    client.send(stdin, 'word\r');
    for (let rows = 1; client.text(error) === ''; rows += 1) {
      client.send(resize, `{"Width":90,"Height":${rows}}\n`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    client.send(resize, '{"Width":91,"Height":31}\n');
    expect(exitOf(client.text(error))).toBe('7');
    await client.closed;
    expect((await daemon.runtime.version({})).runtimeName).toBe('lading');
  });

  it('is refused for a container that does not run, and for streams that cannot be', async () => {
    const { containerId } = await start(forever);
    const ask = (more: object) =>
      daemon.runtime.exec({ containerId, cmd: ['/bin/true'], stdout: true, ...more });
    await expect(ask({ cmd: [] })).rejects.toThrow('cmd is empty');
    await expect(ask({ tty: true, stderr: true })).rejects.toThrow('tty and stderr');
    await expect(ask({ stdout: false })).rejects.toThrow('one of stdin');
    await daemon.runtime.stopContainer({ containerId });
    await expect(ask({})).rejects.toThrow('exec needs one that runs');
  });
});

describe('attach', () => {
  it('passes input and output, and ends with the container', async () => {
    const { containerId } = await start(sh('read line; echo "got $line"; sleep 0.1'), { stdin: true });
    const { url } = await daemon.runtime.attach({ containerId, stdin: true, stdout: true, stderr: true });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    client.send(0, 'word\n');
    await client.closed;
    expect(client.text(1)).toBe('got word\n');
    expect(client.text(3)).toBe('{"status":"Success"}');
  });

  it('closes the input with the first client that has it once, and keeps it open else', async () => {
    for (const stdinOnce of [true, false]) {
      const name = stdinOnce ? 'once' : 'open';
      const command = sh('while read line; do echo "got $line"; done; echo end; sleep 1000');
      const { podSandboxId, containerId } = await start(command, { stdin: true, stdinOnce });
      const first = await connectWebSocket(
        (await daemon.runtime.attach({ containerId, stdin: true, stdout: true })).url,
        ['v4.channel.k8s.io'],
      );
      first.send(0, `${name}\n`);
      await first.until(() => first.text(1).includes(`got ${name}`));
      const watcher = await connectWebSocket(
        (await daemon.runtime.attach({ containerId, stdin: !stdinOnce, stdout: true })).url,
        ['v4.channel.k8s.io'],
      );
      first.socket.terminate();
      await first.closed;
      if (stdinOnce) await watcher.until(() => watcher.text(1).includes('end'));
      else {
        watcher.send(0, 'still\n');
        await watcher.until(() => watcher.text(1).includes('got still'));
        expect(watcher.text(1)).not.toContain('end');
      }
      watcher.socket.terminate();
      await daemon.runtime.removePodSandbox({ podSandboxId });
    }
  });

  it('gives a terminal to two clients at once: each hears all, and each is heard', async () => {
    const script = 'while read line; do echo "got $line"; done';
    const { containerId } = await start(sh(script), { stdin: true, tty: true });
    const join = async () =>
      connectWebSocket(
        (await daemon.runtime.attach({ containerId, stdin: true, stdout: true, tty: true })).url,
        ['v4.channel.k8s.io'],
      );
    const clients = [await join(), await join()] as const;
    for (const [index, client] of clients.entries()) {
      client.send(0, `word ${index}\n`);
      for (const each of clients) await each.until(() => each.text(1).includes(`got word ${index}`));
    }
    clients[0].socket.terminate();
    await clients[0].closed;
    clients[1].send(0, 'alone\n');
    await clients[1].until(() => clients[1].text(1).includes('got alone'));
    await daemon.runtime.stopContainer({ containerId });
    clients[1].socket.send(Buffer.from('\x04{"Width":91,"Height":31}'));
    await clients[1].closed;
    expect(clients[1].text(3)).toBe('{"status":"Success"}');
  });

  it('leaves the container running when the client goes, and sets the size of its terminal', async () => {
    // No trap for WINCH: it would end the read, and with it the shell.
    const script = 'while read line; do echo "got $line"; done';
    const { containerId } = await start(sh(script), { stdin: true, tty: true });
    const first = await connectWebSocket(
      (await daemon.runtime.attach({ containerId, stdin: true, stdout: true, tty: true })).url,
      ['v4.channel.k8s.io'],
    );
    first.send(0, 'a\n');
    await first.until(() => first.text(1).includes('got a'));
    first.socket.terminate();
    await first.closed;
    const second = await connectWebSocket(
      (await daemon.runtime.attach({ containerId, stdin: true, stdout: true, tty: true })).url,
      ['v4.channel.k8s.io'],
    );
    second.send(4, '{"Width":91,"Height":31}');
    second.send(0, 'b\n');
    await second.until(() => second.text(1).includes('got b'));
    for (;;) {
      const { stdout } = await daemon.runtime.execSync({
        containerId,
        cmd: sh('busybox stty size < /proc/1/fd/0'),
      });
      if (Buffer.from(stdout).toString().trim() === '31 91') break;
    }
    second.socket.terminate();
  });
});

describe('port-forward', () => {
  it('reaches what listens on the loopback of the pod, over SPDY and WebSocket', async () => {
    const { podSandboxId } = await start(['/bin/httpd', '-f', '-p', '127.0.0.1:8080', '-h', '/etc']);
    const get = 'GET /passwd HTTP/1.0\r\n\r\n';
    const page = expect.stringContaining('web:x:33:34');
    expect(await askOverPortForward(daemon.runtime, podSandboxId, 8080, get)).toEqual(page);
    const { url } = await daemon.runtime.portForward({ podSandboxId, port: [8080] });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    client.send(0, get);
    await client.closed;
    expect(client.text(0)).toEqual(page);
  });

  it('tells that nobody listens', async () => {
    const { podSandboxId } = await start(forever);
    const { url } = await daemon.runtime.portForward({ podSandboxId, port: [9] });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    await client.closed;
    expect(client.text(1)).toContain('error forwarding port 9');
  });
});
