// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFiles } from '../soak/processes.ts';
import { until } from '../until.ts';
import { createWorld, type Served, type World } from '../world.ts';
import { leadOtherPod } from './other-pod.ts';

let world: World;
let daemon: Served;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** A client that makes calls and takes not one byte of their answers. */
async function deafClient(calls: readonly string[]): Promise<ClientHttp2Session> {
  const session = connect('http://localhost', {
    createConnection: () => connectSocket(daemon.socket),
    settings: { initialWindowSize: 0 },
  });
  await once(session, 'remoteSettings');
  for (const call of calls) {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/runtime.v1.RuntimeService/${call}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {}); // it is cut off at the end
    stream.end(Buffer.alloc(5)); // an empty message
  }
  // They have all arrived when this comes back.
  await new Promise((resolve) => session.ping(resolve));
  return session;
}

describe('clients that stop reading', () => {
  it('hold up nobody else, and are forgotten when they go', async () => {
    await leadOtherPod(daemon, world, 'first');
    const before = openFiles(daemon.pid);
    const calls = [...Array(40).fill('GetContainerEvents'), ...Array(10).fill('StreamContainers')];
    const sessions = await Promise.all([1, 2, 3].map(() => deafClient(calls)));
    const seen: string[] = [];
    const stop = new AbortController();
    const reading = (async () => {
      for await (const { containerId } of daemon.runtime.getContainerEvents({}, { signal: stop.signal }))
        seen.push(containerId);
    })();
    for (const name of ['second', 'third']) await leadOtherPod(daemon, world, name);
    // Eight a pod, of which two at least are told at once to who reads.
    await until(() => seen.length >= 16);
    expect(new Set(seen).size).toBe(4);
    stop.abort();
    await reading.catch(() => {});
    for (const session of sessions) session.destroy();
    await until(() => openFiles(daemon.pid) <= before);
    await leadOtherPod(daemon, world, 'last');
  });

  it('do not keep the daemon from ending', async () => {
    const session = await deafClient(['GetContainerEvents', 'StreamPodSandboxes']);
    session.on('error', () => {});
    await leadOtherPod(daemon, world, 'farewell');
    expect(await daemon.end('SIGTERM')).toBe(0);
    session.destroy();
  });
});
