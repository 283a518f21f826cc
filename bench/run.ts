// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pushBusyboxImage } from '../tools/quickstart/image.ts';
import type { Benchmark } from './measure.ts';
import { makeWorld } from './world.ts';

/** `run --rm --network none IMAGE true`: the time from the prompt back to the prompt. */
export const runBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await makeWorld());
    const work = join(world.folder, 'image');
    await mkdir(work);
    await pushBusyboxImage({ host: world.registry, repository: 'bench/run', tag: '1' }, work);
    const image = `${world.registry}/bench/run:1`;
    const run = ['run', '--rm', '--network', 'none', image, 'true'];
    for (const side of [world.lading, world.podman]) {
      const [program = '', ...args] = side.command;
      await promisify(execFile)(program, [...args, 'pull', '--tls-verify=false', image], { env: side.env });
    }
    const owned = stack.move();
    return {
      races: [
        {
          name: 'run',
          about: 'run --rm --network none IMAGE true',
          lading: { name: 'lading', command: [...world.lading.command, ...run], env: world.lading.env },
          peers: [{ name: 'podman', command: [...world.podman.command, ...run], env: world.podman.env }],
          rounds: 20,
        },
      ],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};
