// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { NamespaceMode, PodSandboxState } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { podCalls, security } from './pod-calls.ts';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const { runPod, create, start, exec } = podCalls(() => ({ world, daemon, image }));

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
