// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultListen } from '../src/config/settings.ts';
import { until } from './until.ts';
import { createWorld, type World } from './world.ts';

const run = promisify(execFile);
const contrib = fileURLToPath(new URL('../contrib/', import.meta.url));

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** A service manager: prints what it is told, a line of JSON for each message. */
const receiver = `
import json, socket, sys
one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
one.bind(sys.argv[1])
print(flush=True)
while True: print(json.dumps(one.recv(1000).decode()), flush=True)
`;

describe('with a service manager, the daemon', () => {
  let manager: ChildProcess;
  let output = '';
  const socket = (): string => join(world.root, 'notify');
  beforeAll(async () => {
    const child = spawn('python3', ['-c', receiver, socket()], { stdio: ['ignore', 'pipe', 'inherit'] });
    manager = child;
    await once(child.stdout, 'readable');
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  });
  afterAll(() => void manager?.kill('SIGKILL'));
  afterEach(() => {
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete process.env[name];
    output = '';
  });
  const told = (): string[] =>
    output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  it('says when it serves, reloads and stops, and that it lives', async () => {
    process.env.NOTIFY_SOCKET = socket();
    process.env.WATCHDOG_USEC = '100000';
    const daemon = await world.serve();
    await until(() => told().filter((one) => one === 'WATCHDOG=1').length > 2);
    daemon.reload();
    await until(() => daemon.stderr().includes('configuration reloaded'));
    // A container that finds the variable would tell the manager things of its own.
    const { imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } });
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('pod') });
    const config = { metadata: { name: 'main' }, image: { image } };
    const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
    await daemon.runtime.startContainer({ containerId });
    await daemon.runtime.removePodSandbox({ podSandboxId });
    expect(await daemon.end('SIGTERM')).toBe(0);
    await until(() => told().includes('STOPPING=1'));
    const states = told().filter((one) => one !== 'WATCHDOG=1');
    expect(states).toEqual([
      'READY=1',
      expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d+$/),
      'READY=1',
      'STOPPING=1',
    ]);
  });

  it('leaves the watchdog of another process alone', async () => {
    process.env.NOTIFY_SOCKET = socket();
    process.env.WATCHDOG_USEC = '1000';
    process.env.WATCHDOG_PID = '1';
    const daemon = await world.serve();
    expect(await daemon.end('SIGTERM')).toBe(0);
    await until(() => told().includes('STOPPING=1'));
    expect(told()).toEqual(['READY=1', 'STOPPING=1']);
  });

  it('serves also when that one is not there', async () => {
    process.env.NOTIFY_SOCKET = join(world.root, 'nobody');
    const daemon = await world.serve();
    await until(() => daemon.stderr().includes('the service manager cannot be told anything'));
    expect((await daemon.runtime.version({})).runtimeName).toBe('lading');
    expect(await daemon.end('SIGTERM')).toBe(0);
  });
});

describe('the files of contrib', () => {
  it('have a unit that systemd takes', async () => {
    const text = await readFile(join(contrib, 'ladingd.service'), 'utf8');
    const unit = join(world.root, 'ladingd.service');
    // The checker wants the program to be there.
    await writeFile(unit, text.replace('/usr/bin/ladingd', '/usr/bin/env'));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', unit]);
    // It names units of the machine too.
    expect((stdout + stderr).split('\n').filter((line) => line.includes('ladingd'))).toEqual([]);
    expect(text).toContain('\nType=notify\n');
  });

  it('have the socket that the daemon listens on', async () => {
    const text = await readFile(join(contrib, 'crictl.yaml'), 'utf8');
    for (const kind of ['runtime', 'image']) {
      expect(text).toContain(`\n${kind}-endpoint: unix://${defaultListen}\n`);
    }
  });

  it('have a network that pods get, of both families', async () => {
    const text = await readFile(join(contrib, '10-lading-bridge.conflist'), 'utf8');
    const { cniVersion, plugins } = JSON.parse(text);
    expect(cniVersion).toBe('1.0.0');
    for (const { type } of plugins) await run('/bin/sh', ['-c', `test -x /usr/lib/cni/${type}`]);
  });
});
