// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Containerd, startContainerd } from './containerd.ts';
import { pushLargeImage } from './large-image.ts';
import type { Benchmark, Contender, Race } from './measure.ts';
import { makeWorld, type World } from './world.ts';

const execute = promisify(execFile);

/** Pull and unpack a large image from a loopback registry into an empty store on a tmpfs. */
export const pullBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await makeWorld());
    const containerd = stack.use(await startContainerd(world.folder));
    const race = (layers: number): Promise<Race> => raceOf(world, containerd, layers);
    const races = [await race(2), await race(1), await race(10)] as const;
    const owned = stack.move();
    return { races, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

async function raceOf(world: World, containerd: Containerd, layers: number): Promise<Race> {
  const image = await pushLargeImage(world.registry, world.folder, layers);
  const pull = ['pull', '--quiet', '--tls-verify=false', image];
  const remove = ['rmi', '--force', image];
  return {
    name: layers === 2 ? 'pull' : `pull-${layers}`,
    about: `pull of an image with 20,000 files, ${layers} layers of about 130 MB compressed in all, onto tmpfs`,
    lading: contender('lading', world.lading, pull, remove),
    peers: [
      contender('podman', world.podman, pull, remove),
      contender(
        'containerd',
        containerd,
        ['images', 'pull', '--plain-http', '--snapshotter', 'overlayfs', image],
        ['images', 'rm', '--sync', image],
      ),
    ],
    rounds: 5,
  };
}

function contender(
  name: string,
  { command, env }: { readonly command: readonly string[]; readonly env: NodeJS.ProcessEnv },
  pull: readonly string[],
  remove: readonly string[],
): Contender {
  return {
    name,
    env,
    command: [...command, ...pull],
    async prepare() {
      const [program = '', ...args] = command;
      await execute(program, [...args, ...remove], { env }).catch((error: { stderr?: string }) => {
        // Nothing to remove before the first round.
        if (!/image not known|not found/.test(error.stderr ?? '')) throw error;
      });
    },
  };
}
