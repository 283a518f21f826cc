// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ContainerConfig,
  type ContainerEventResponse,
  ContainerEventType,
  ContainerState,
  type Input,
} from '@lading/cri-api';
import { processStartTicks } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
beforeEach(async () => {
  world = await createWorld();
  daemon = await world.serve();
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterEach(async () => {
  await using ended = world;
  await ended.leaveNothing();
});

async function runPod({ runtime }: Served, name = 'web'): Promise<string> {
  return (await runtime.runPodSandbox({ config: world.pod(name) })).podSandboxId;
}

async function create(
  { runtime }: Served,
  podSandboxId: string,
  more: Input<ContainerConfig> = {},
): Promise<string> {
  const config = { metadata: { name: 'main' }, image: { image: world.image }, logPath: 'main.log', ...more };
  return (await runtime.createContainer({ podSandboxId, config })).containerId;
}

/** What is kept of a run until it is cleaned up. */
const runOf = (container: string): string => join(world.root, 'run/lading/containers', `${container}.json`);

function processesOf(container: string): { readonly pid: number; readonly monitorPid: number } {
  return JSON.parse(readFileSync(runOf(container), 'utf8'));
}

const names = new Map<ContainerEventType, string>([
  [ContainerEventType.CONTAINER_CREATED_EVENT, 'created'],
  [ContainerEventType.CONTAINER_STARTED_EVENT, 'started'],
  [ContainerEventType.CONTAINER_STOPPED_EVENT, 'stopped'],
  [ContainerEventType.CONTAINER_DELETED_EVENT, 'deleted'],
]);

/** Reads events until so many have come. */
async function events({ runtime }: Served, count: number): Promise<ContainerEventResponse[]> {
  const seen: ContainerEventResponse[] = [];
  for await (const event of runtime.getContainerEvents({}, { signal: AbortSignal.timeout(20_000) })) {
    seen.push(event);
    if (seen.length === count) break;
  }
  return seen;
}

const told = (all: readonly ContainerEventResponse[]): string[] =>
  all.map(({ containerId, containerEventType }) => `${names.get(containerEventType)} ${containerId}`);

describe('GetContainerEvents', () => {
  it('tells of a sandbox and its container from their making to their end', async () => {
    const { runtime } = daemon;
    const reading = events(daemon, 8);
    const pod = await runPod(daemon);
    const container = await create(daemon, pod);
    await runtime.startContainer({ containerId: container });
    await runtime.stopContainer({ containerId: container });
    await runtime.removeContainer({ containerId: container });
    await runtime.removePodSandbox({ podSandboxId: pod });
    const all = await reading;
    expect(told(all)).toEqual([
      `created ${pod}`,
      `started ${pod}`,
      `created ${container}`,
      `started ${container}`,
      `stopped ${container}`,
      `deleted ${container}`,
      `stopped ${pod}`,
      `deleted ${pod}`,
    ]);
    expect(all.every(({ createdAt }) => createdAt > 0n)).toBe(true);
    expect(all.at(-1)).toMatchObject({ containersStatuses: [] });
    expect(all.at(-1)?.podSandboxStatus).toBeUndefined();
  });

  it('tells of an end that nobody asked about, with the statuses of its sandbox', async () => {
    const { runtime } = daemon;
    const pod = await runPod(daemon);
    const container = await create(daemon, pod, { command: ['sh', '-c', 'exit 7'] });
    await runtime.startContainer({ containerId: container });
    const all = await events(daemon, 5);
    expect(told(all).at(-1)).toBe(`stopped ${container}`);
    expect(all.at(-1)).toMatchObject({
      podSandboxStatus: { id: pod, metadata: { name: 'web' } },
      containersStatuses: [
        { id: container, state: ContainerState.CONTAINER_EXITED, exitCode: 7, reason: 'Error' },
      ],
    });
  });

  it('tells of a container whose monitor was killed with it', async () => {
    const pod = await runPod(daemon);
    const container = await create(daemon, pod);
    await daemon.runtime.startContainer({ containerId: container });
    const run = processesOf(container);
    process.kill(run.monitorPid, 'SIGKILL');
    process.kill(run.pid, 'SIGKILL');
    const all = await events(daemon, 5);
    expect(told(all).at(-1)).toBe(`stopped ${container}`);
    expect(all.at(-1)?.containersStatuses).toMatchObject([{ exitCode: 255 }]);
  });

  it('tells of an end while no daemon was there', async () => {
    const pod = await runPod(daemon);
    const container = await create(daemon, pod, {
      command: ['sh', '-c', 'while [ ! -e /end ]; do sleep 0.1; done; exit 3'],
    });
    await daemon.runtime.startContainer({ containerId: container });
    const run = processesOf(container);
    await daemon.end('SIGKILL');
    process.kill(run.pid, 'SIGKILL');
    daemon = await world.serve();
    const [event] = await events(daemon, 1);
    expect(event).toMatchObject({
      containerId: container,
      containerEventType: ContainerEventType.CONTAINER_STOPPED_EVENT,
      containersStatuses: [{ id: container, exitCode: 137 }],
    });
  });

  it('ends with the daemon, and lets it end', async () => {
    const reading = Array.fromAsync(daemon.runtime.getContainerEvents({}));
    await runPod(daemon);
    expect(await daemon.end('SIGTERM')).toBe(0);
    expect(told(await reading).length).toBeLessThanOrEqual(2);
  });

  it('gives each reader all events', async () => {
    const readings = [events(daemon, 4), events(daemon, 4)];
    await daemon.runtime.version({});
    const pod = await runPod(daemon);
    await daemon.runtime.removePodSandbox({ podSandboxId: pod });
    const [one, two] = await Promise.all(readings);
    expect(told(one ?? [])).toEqual(told(two ?? []));
  });

  it('are those of an end of the container, not of one that was cleaned up long ago', async () => {
    const pod = await runPod(daemon);
    const container = await create(daemon, pod, { command: ['true'] });
    await daemon.runtime.startContainer({ containerId: container });
    await until(() => !existsSync(runOf(container)));
    await daemon.end('SIGKILL');
    daemon = await world.serve();
    const reading = events(daemon, 2);
    await daemon.runtime.removePodSandbox({ podSandboxId: pod });
    expect(told(await reading)).toEqual([`deleted ${container}`, `stopped ${pod}`]);
  });
});

describe('PodSandboxStatus', () => {
  it('has the statuses of the containers, and the time', async () => {
    const pod = await runPod(daemon);
    const container = await create(daemon, pod);
    const answer = await daemon.runtime.podSandboxStatus({ podSandboxId: pod });
    expect(answer.containersStatuses).toMatchObject([
      { id: container, state: ContainerState.CONTAINER_CREATED },
    ]);
    expect(answer.timestamp).toBeGreaterThan(answer.status?.createdAt ?? 0n);
  });
});

describe('an end whose exit code is not known yet', () => {
  it('is told by no call, keeps none waiting, and is told by all of them when it is known', async () => {
    const { runtime } = daemon;
    const podSandboxId = await runPod(daemon);
    const containerId = await create(daemon, podSandboxId);
    await runtime.startContainer({ containerId });
    const states = async (): Promise<unknown> => {
      const state = { state: ContainerState.CONTAINER_EXITED };
      return {
        listed: (await runtime.listContainers({ filter: { podSandboxId } })).containers.map(
          ({ state }) => state,
        ),
        listedAsEnded: (await runtime.listContainers({ filter: { podSandboxId, state } })).containers.length,
        ofContainer: (await runtime.containerStatus({ containerId })).status?.state,
        ofPod: (await runtime.podSandboxStatus({ podSandboxId })).containersStatuses.map(
          ({ state }) => state,
        ),
      };
    };
    const { monitorPid, pid } = processesOf(containerId);
    process.kill(monitorPid, 'SIGSTOP');
    try {
      process.kill(pid, 'SIGKILL');
      await until(() => processStartTicks(pid) === undefined);
      const { CONTAINER_RUNNING } = ContainerState;
      expect(await states()).toEqual({
        listed: [CONTAINER_RUNNING],
        listedAsEnded: 0,
        ofContainer: CONTAINER_RUNNING,
        ofPod: [CONTAINER_RUNNING],
      });
      expect((await runtime.listContainerStats({ filter: { podSandboxId } })).stats).toEqual([]);
      await expect(runtime.stopContainer({ containerId })).rejects.toMatchObject({
        code: 'deadline_exceeded',
        reason: 'MONITOR_HANGS',
        message: expect.stringContaining(`end it with "kill -9 ${monitorPid}"`),
      });
    } finally {
      process.kill(monitorPid, 'SIGCONT');
    }
    const { CONTAINER_EXITED } = ContainerState;
    const ended = { listed: [CONTAINER_EXITED], listedAsEnded: 1, ofContainer: CONTAINER_EXITED };
    await expect.poll(states).toEqual({ ...ended, ofPod: [CONTAINER_EXITED] });
    expect((await runtime.containerStatus({ containerId })).status).toMatchObject({ exitCode: 137 });
    const last = (await events(daemon, 5)).at(-1);
    expect(last?.containersStatuses).toMatchObject([{ state: CONTAINER_EXITED, exitCode: 137 }]);
  });
});
