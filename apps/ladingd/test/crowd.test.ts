// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overSpdy, overWebSocket } from '../../../packages/cri-streaming/test/exec-member.ts';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

const crowd = 500;

let world: World;
let daemon: Served;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function start(name: string): Promise<string> {
  const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod(name) });
  const config = {
    metadata: { name: 'main' },
    image: { image: world.image },
    command: ['/bin/sleep', '1000'],
  };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

const script = ['/bin/sh', '-c', 'cat; exit 7'];
const streams = { stdin: true, stdout: true, stderr: true };

describe('a crowd of exec sessions, each with a process of its own', () => {
  it('is served, and holds up nobody else', { timeout: 600_000 }, async () => {
    const containerId = await start('crowd');
    const members = await Promise.all(
      Array.from({ length: crowd }, async (_, i) => {
        const { url } = await daemon.runtime.exec({ containerId, cmd: script, ...streams });
        return (i % 2 === 0 ? overWebSocket : overSpdy)(url);
      }),
    );
    await Promise.all(members.map(({ say }, i) => say(`${i} is here`)));
    // All of them are there at once.
    const { stdout } = await daemon.runtime.execSync({
      containerId,
      cmd: ['/bin/busybox', 'ps', '-o', 'args'],
    });
    const processes = Buffer.from(stdout).toString().split('\n');
    expect(processes.filter((args) => args.trim() === 'cat')).toHaveLength(crowd);
    const other = await start('other');
    const { stdout: said } = await daemon.runtime.execSync({
      containerId: other,
      cmd: ['/bin/echo', 'hello'],
    });
    expect(Buffer.from(said).toString()).toBe('hello\n');
    const ends = await Promise.all(members.map(({ leave }) => leave()));
    expect(ends.map((status) => JSON.parse(status).details.causes[0].message)).toEqual(ends.map(() => '7'));
    await world.clear();
    await until(() => world.leftovers().length === 0);
  });
});
