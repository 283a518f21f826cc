// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pushLargeImage } from './large-image.ts';
import type { Benchmark, Contender } from './measure.ts';
import { makeWorld } from './world.ts';

const execute = promisify(execFile);

/** Pull and unpack a large image from a loopback registry into an empty store on a tmpfs. */
export const pullBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await makeWorld());
    const image = await pushLargeImage(world.registry, world.folder);
    const contender = (
      name: string,
      side: { command: readonly string[]; env: NodeJS.ProcessEnv },
    ): Contender => {
      const [program = '', ...args] = side.command;
      return {
        name,
        env: side.env,
        command: [...side.command, 'pull', '--quiet', '--tls-verify=false', image],
        async prepare() {
          await execute(program, [...args, 'rmi', '--force', image], { env: side.env }).catch(
            (error: { stderr?: string }) => {
              if (!/image not known/.test(error.stderr ?? '')) throw error; // nothing to remove before the first round
            },
          );
        },
      };
    };
    const owned = stack.move();
    return {
      races: [
        {
          name: 'pull',
          about: 'pull of an image with 20,000 files in two layers, about 130 MB compressed, onto tmpfs',
          lading: contender('lading', world.lading),
          peers: [contender('podman', world.podman)],
          rounds: 5,
        },
      ],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};
