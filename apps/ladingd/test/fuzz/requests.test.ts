// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Input, PodSandboxConfig } from '@lading/cri-api';
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../soak/file-listing.ts';
import { createWorld, type Served, type World } from '../world.ts';
import { containerConfig, int64, sandboxConfig, text } from './hostile.ts';

let world: World;
let daemon: Served;
let podSandboxId: string;
let containerId: string;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
  ({ podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('target') }));
  const config = { metadata: { name: 'main' }, image: { image }, logPath: 'main.log' };
  ({ containerId } = await daemon.runtime.createContainer({ podSandboxId, config }));
  await daemon.runtime.startContainer({ containerId });
  await mkdir(join(world.root, 'canary'));
  await writeFile(join(world.root, 'canary/file'), '');
});
afterAll(async () => {
  await using ended = world;
  await ended.leaveNothing();
});

const many = Number(process.env.LADING_FUZZ ?? 1);

/** What the folders of the host that belong to nobody hold. */
const hostFiles = (): readonly string[] => [
  ...filesBelow(world.root, ['canary']),
  ...filesBelow(world.root, ['.']).filter((path) => !path.includes('/') && !path.startsWith('graph')),
];

/** An answer, or a failure that says what is wrong. */
async function answered<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code, message, reason } = LadingError.from(error);
    const isUseless =
      code === 'unknown' || ((code === 'internal' || code === 'unavailable') && reason === undefined);
    if (isUseless || message.trim() === '' || message.length > 10_000) throw error;
    return undefined;
  }
}

const id = (): fc.Arbitrary<string> =>
  fc.oneof(
    text,
    fc.constantFrom('0'.repeat(64), podSandboxId.slice(0, 5)),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), maxLength: 64 }),
  );

/** A config under the world's log folder and control group, on the network of the host: that takes no time. */
const within = (config: Input<PodSandboxConfig>): Input<PodSandboxConfig> => ({
  ...config,
  logDirectory: join(world.root, 'logs', 'fuzz'),
  linux: {
    ...config.linux,
    cgroupParent: world.cgroupParent,
    securityContext: {
      ...config.linux?.securityContext,
      namespaceOptions: { ...config.linux?.securityContext?.namespaceOptions, network: 2, pid: 1 },
    },
  },
});

describe('hostile requests over the socket', () => {
  it(
    'of calls that take an id are refused or answered',
    async () => {
      const { runtime, images } = daemon;
      const calls = fc.record({
        id: id(),
        other: text,
        more: fc.array(text, { maxLength: 3 }),
        number: int64,
        yes: fc.boolean(),
      });
      const property = fc.asyncProperty(calls, async ({ id, other, more, number, yes }) => {
        const labels = Object.fromEntries(more.map((word) => [word, other]));
        const works: Promise<unknown>[] = [
          runtime.podSandboxStatus({ podSandboxId: id, verbose: yes }),
          runtime.containerStatus({ containerId: id, verbose: yes }),
          runtime.startContainer({ containerId: id }),
          runtime.execSync({ containerId: id, cmd: more, timeout: number }),
          runtime.execSync({ containerId, cmd: [], timeout: number }),
          runtime.exec({
            containerId: yes ? containerId : id,
            cmd: more,
            tty: yes,
            stdin: yes,
            stdout: yes,
            stderr: yes,
          }),
          runtime.attach({ containerId: id, tty: yes }),
          runtime.portForward({
            podSandboxId: yes ? podSandboxId : id,
            port: [Number(BigInt.asIntN(32, number))],
          }),
          runtime.reopenContainerLog({ containerId: id }),
          runtime.updateContainerResources({ containerId: id, linux: { memoryLimitInBytes: number } }),
          runtime.updatePodSandboxResources({
            podSandboxId: yes ? podSandboxId : id,
            overhead: { cpuShares: number },
          }),
          runtime.containerStats({ containerId: id }),
          runtime.podSandboxStats({ podSandboxId: id }),
          runtime.listContainers({ filter: { id, podSandboxId: other, labelSelector: labels } }),
          runtime.listPodSandbox({ filter: { id, labelSelector: labels } }),
          runtime.listContainerStats({ filter: { id: other } }),
          // Where CRIU works, a real container would be written there.
          runtime.checkpointContainer({
            containerId: other.startsWith('/') ? `none${id}` : id,
            location: other,
            timeout: number,
          }),
          runtime.updateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr: other } } }),
          images.imageStatus({ image: { image: other }, verbose: yes }),
          images.listImages({ filter: { image: { image: other } } }),
          ...(id.length > 8 ? [] : [runtime.removeContainer({ containerId: `none${id}` })]),
          images.pullImage({ image: { image: `127.0.0.1:1/${other}` }, auth: { auth: other } }),
        ];
        await Promise.all(works.map(answered));
      });
      await fc.assert(property, { numRuns: 60 * many });
      expect((await runtime.execSync({ containerId, cmd: ['true'] })).exitCode).toBe(0);
    },
    300_000 * many,
  );

  it(
    'of RunPodSandbox make a sandbox or nothing, and no file elsewhere',
    async () => {
      const { runtime } = daemon;
      const before = hostFiles();
      const property = fc.asyncProperty(sandboxConfig, text, async (config, runtimeHandler) => {
        for (const handler of [runtimeHandler, '']) {
          const request = { config: within(config), runtimeHandler: handler };
          const made = await answered(runtime.runPodSandbox(request));
          if (made !== undefined) await runtime.removePodSandbox(made);
        }
      });
      await fc.assert(property, { numRuns: 120 * many });
      expect((await runtime.listPodSandbox({})).items.map((item) => item.id)).toEqual([podSandboxId]);
      expect(hostFiles()).toEqual(before);
    },
    300_000 * many,
  );

  it(
    'of CreateContainer make a container or nothing, and no file elsewhere',
    async () => {
      const { runtime } = daemon;
      await mkdir(join(world.root, 'mounts'));
      const paths = fc.oneof(
        fc.constantFrom('', 'relative', '../canary/x'),
        fc.constantFrom('a', 'b/c', '../mounts/d').map((path) => join(world.root, 'mounts', path)),
      );
      const before = hostFiles();
      const property = fc.asyncProperty(containerConfig(paths), fc.boolean(), async (config, isOurs) => {
        const request = isOurs ? { ...config, image: { image } } : config;
        const made = await answered(runtime.createContainer({ podSandboxId, config: request }));
        if (made === undefined) return;
        await answered(runtime.containerStatus({ ...made, verbose: true }));
        await runtime.removeContainer(made);
      });
      await fc.assert(property, { numRuns: 300 * many });
      expect((await runtime.listContainers({})).containers.map((item) => item.id)).toEqual([containerId]);
      expect(hostFiles()).toEqual(before);
    },
    300_000 * many,
  );

  it('with text that is none are refused before anybody looks at them', async () => {
    const { runtime } = daemon;
    for (const work of [
      runtime.containerStatus({ containerId: '\ud800' }),
      runtime.createContainer({ podSandboxId, config: { metadata: { name: '\udfff' } } }),
    ])
      await expect(work).rejects.toMatchObject({ message: 'Error deserializing request' });
  });

  it('of a megabyte in a field are taken or refused', async () => {
    const { runtime } = daemon;
    const long = 'x'.repeat(1 << 20);
    for (const config of [
      { hostname: long },
      { labels: { long } },
      { annotations: { [long]: '' } },
      { metadata: { name: long, uid: 'u', namespace: 'n' } },
    ]) {
      const made = await answered(
        runtime.runPodSandbox({
          config: within({ metadata: { name: 'long', uid: 'u', namespace: 'n' }, ...config }),
        }),
      );
      if (made !== undefined) await runtime.removePodSandbox(made);
    }
    for (const more of [
      { logPath: long },
      { workingDir: long },
      { args: [long] },
      { annotations: { long } },
      { mounts: [{ containerPath: long, hostPath: join(world.root, 'mounts') }] },
    ]) {
      const config = { metadata: { name: 'long' }, image: { image }, ...more };
      const made = await answered(runtime.createContainer({ podSandboxId, config }));
      if (made !== undefined) await runtime.removeContainer(made);
    }
    await answered(runtime.execSync({ containerId, cmd: ['echo', long.slice(0, 1 << 19)] }));
    await answered(runtime.containerStatus({ containerId: long }));
    expect((await runtime.execSync({ containerId, cmd: ['true'] })).exitCode).toBe(0);
  });
});
