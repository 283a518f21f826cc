// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pushLargeImage } from './large-image.ts';
import type { Benchmark, Contender } from './measure.ts';
import { makeWorld } from './world.ts';

/** Push of an image from the store on a tmpfs into a repository that is new in each round. */
export const pushBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await makeWorld());
    const image = await pushLargeImage(world.registry, world.folder, 2);
    for (const { command, env } of [world.lading, world.podman]) {
      const [program = '', ...args] = command;
      await promisify(execFile)(program, [...args, 'pull', '--tls-verify=false', image], { env });
    }
    let pushes = 0;
    const fresh = (name: string, env: NodeJS.ProcessEnv, command: (to: string) => string[]): Contender => ({
      name,
      env,
      get command() {
        return command(`docker://${world.registry}/bench/push-${name}-${pushes}:1`);
      },
      async prepare() {
        pushes += 1;
      },
    });
    const roots = `${join(world.folder, 'lading-root')}+${join(world.folder, 'lading-run')}`;
    const { command: podman, env } = world.podman;
    const stores = podman.slice(1, podman.indexOf('--tmpdir'));
    const owned = stack.move();
    return {
      races: [
        {
          name: 'push',
          about:
            'push of an image with 20,000 files in two layers from the store, which has to compress them',
          // Without what the rounds before have taught: see the other side.
          lading: fresh('lading', { ...process.env, XDG_CACHE_HOME: '/dev/null' }, (to) => [
            join(import.meta.dirname, '../apps/lading-copy/bin/lading-copy.js'),
            ...[
              'copy',
              '--quiet',
              '--dest-tls-verify=false',
              `containers-storage:[overlay@${roots}]${image}`,
              to,
            ],
          ]),
          peers: [
            fresh('buildah', env, (to) => [
              // With a cache of its own that is gone afterwards: else it remembers the compressed layers of the round
              // before, and has them mounted.
              ...['unshare', '--mount', 'sh', '-euc'],
              'mkdir -p /var/lib/containers/cache; mount -t tmpfs none /var/lib/containers/cache; exec "$0" "$@"',
              ...['buildah', ...stores, 'push', '--quiet', '--tls-verify=false', image, to],
            ]),
          ],
          rounds: 11,
        },
      ],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};
