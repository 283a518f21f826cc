// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pushBusyboxImage } from '../tools/quickstart/image.ts';
import { addManyImages } from './many-images.ts';
import type { Benchmark, Contender, Race } from './measure.ts';
import { makeNetwork } from './network.ts';
import { makeWorld } from './world.ts';

interface Side {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const listedContainers = 100;
const listedImages = 200;
const startedTogether = 20;
const inputBytes = 2 ** 30;

/** What people do all day: the time from the prompt back to the prompt. */
export const runBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await makeWorld());
    const networks = stack.use(await makeNetwork(world.folder));
    const sides: readonly [Side, Side] = [
      side('lading', world.lading, networks.folder),
      side('podman', world.podman, networks.folder),
    ];
    const work = join(world.folder, 'image');
    await mkdir(work);
    await pushBusyboxImage({ host: world.registry, repository: 'bench/run', tag: '1' }, work);
    const image = `${world.registry}/bench/run:1`;
    for (const one of sides) {
      await call(one, ['pull', '--tls-verify=false', image]);
      stack.defer(() => call(one, ['rm', '--force', '--time', '0', '--all']));
      await call(one, ['run', '-d', '--name', 'busy', '--network', 'none', image, 'sleep', '3600']);
      for (const name of names('sleeper', startedTogether)) {
        await call(one, ['create', '--name', name, '--network', 'none', image, 'sleep', '3600']);
      }
    }
    const race = (name: string, about: string, rounds: number, of: (one: Side) => Contender): Race => ({
      ...{ name, about, rounds },
      lading: of(sides[0]),
      peers: [of(sides[1])],
    });
    const plain =
      (...args: readonly string[]) =>
      (one: Side): Contender => ({ ...one, command: [...one.command, ...args] });
    const input = join(world.folder, 'input');
    await call({ ...sides[0], command: ['sh', '-c', `head -c ${inputBytes} /dev/urandom >${input}`] }, []);
    const piped =
      (...args: readonly string[]) =>
      (one: Side): Contender => ({
        ...one,
        command: ['sh', '-euc', '"$@" <"$0" | cmp - "$0"', input, ...one.command, ...args],
      });
    const owned = stack.move();
    return {
      races: [
        race(
          'run',
          'run --rm --network none IMAGE true',
          20,
          plain('run', '--rm', '--network', 'none', image, 'true'),
        ),
        race('run-bridge', 'run --rm IMAGE true, on a bridge', 10, plain('run', '--rm', image, 'true')),
        race('exec', 'exec CONTAINER true', 20, plain('exec', 'busy', 'true')),
        race(
          'run-stdin',
          'run -i --rm IMAGE cat, 1 GiB of stdin',
          3,
          piped('run', '-i', '--rm', image, 'cat'),
        ),
        race('exec-stdin', 'exec -i CONTAINER cat, 1 GiB of stdin', 3, piped('exec', '-i', 'busy', 'cat')),
        race('start-stop', `${startedTogether} containers started side by side, then stopped`, 3, startStop),
        race(
          'ps',
          `ps --all with ${listedContainers} containers`,
          10,
          once(plain('ps', '--all'), async (one) => {
            for (const name of names('listed', listedContainers - startedTogether - 1)) {
              await call(one, ['create', '--name', name, '--network', 'none', image, 'true']);
            }
          }),
        ),
        race(
          'images',
          `images with ${listedImages} images`,
          10,
          once(plain('images'), async (one) => {
            await addManyImages(join(world.folder, one.name), image, listedImages);
          }),
        ),
      ],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

function side(name: string, { command, env }: Omit<Side, 'name'>, networks: string): Side {
  return { name, command: [...command, '--network-config-dir', networks], env };
}

async function call({ command, env }: Side, args: readonly string[]): Promise<void> {
  const [program = '', ...global] = command;
  await promisify(execFile)(program, [...global, ...args], { env });
}

function names(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${word}${i}`);
}

/** What must be there for a race, and would be in the way of those before. */
function once(of: (one: Side) => Contender, make: (one: Side) => Promise<void>): (one: Side) => Contender {
  return (one) => {
    let made = false;
    return {
      ...of(one),
      async prepare() {
        if (!made) await make(one);
        made = true;
      },
    };
  };
}

function startStop(one: Side): Contender {
  const script = 'for c in $0; do "$@" start "$c" >/dev/null & done; wait; "$@" stop --time 0 $0 >/dev/null';
  return {
    ...one,
    command: ['sh', '-euc', script, names('sleeper', startedTogether).join(' '), ...one.command],
  };
}
