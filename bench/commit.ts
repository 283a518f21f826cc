// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openStore } from '@lading/storage';
import { pushBusyboxImage } from '../tools/quickstart/image.ts';
import type { Benchmark } from './measure.ts';
import { makeWorld } from './world.ts';

const execute = promisify(execFile);
const files = 4_000;
const filesPerFolder = 100;

/** An image made of a container that has written some thousand files. */
export const commitBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await makeWorld());
    const work = join(world.folder, 'image');
    await mkdir(work);
    await pushBusyboxImage({ host: world.registry, repository: 'bench/commit', tag: '1' }, work);
    const image = `${world.registry}/bench/commit:1`;
    const graphRoot = join(world.folder, 'lading-root');
    const runRoot = join(world.folder, 'lading-run');
    const { command: podman, env } = world.podman;
    const stores = podman.slice(1, podman.indexOf('--tmpdir'));
    const buildah = async (...args: string[]): Promise<string> =>
      (await execute('buildah', [...stores, ...args], { env })).stdout.trim();
    const pull = ['pull', '--tls-verify=false', image];
    const [program = '', ...roots] = world.lading.command;
    await execute(program, [...roots, ...pull], { env: world.lading.env });
    const container = await buildah('from', '--tls-verify=false', image);
    await writeFiles(await buildah('mount', container));
    await using store = await openStore({ graphRoot, runRoot });
    const found = await store.images.find(image);
    const { id } = await store.containers.create({ ...(found && { imageId: found.id }) });
    await writeFiles(await store.containers.mount(id));

    let commits = 0;
    const next = () => `localhost/bench/commit-${commits}:1`;
    // A layer that is there already would be no work.
    const remove = async (name: string) => {
      const made = await store.images.find(name);
      if (made !== undefined) await store.images.delete(made.id);
      if (commits > 0) await buildah('rmi', name);
    };
    const side = {
      async prepare() {
        await remove(next());
        commits += 1;
      },
    };
    const owned = stack.move();
    return {
      races: [
        {
          name: 'commit',
          about: 'an image made of a container that has written 4,000 files',
          lading: {
            name: 'lading',
            env: { ...process.env, NODE_COMPILE_CACHE: join(world.folder, 'compiled') },
            get command() {
              const file = join(import.meta.dirname, 'programs/commit-container.ts');
              return [process.execPath, file, graphRoot, runRoot, id, next()];
            },
            ...side,
          },
          peers: [
            {
              name: 'buildah',
              env,
              get command() {
                return ['buildah', ...stores, 'commit', '--quiet', container, next()];
              },
            },
          ],
          rounds: 5,
        },
      ],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

/** Sizes from nothing to 64 KiB, 2 KiB as a rule, and text that is not the same twice. */
async function writeFiles(root: string): Promise<void> {
  for (let i = 0; i < files; i++) {
    const folder = join(root, 'srv', `folder-${Math.floor(i / filesPerFolder)}`);
    if (i % filesPerFolder === 0) await mkdir(folder, { recursive: true });
    const sizeBytes = i % 20 === 0 ? 65_536 : (i * 7919) % 4096;
    await writeFile(join(folder, `file-${i}`), Buffer.alloc(sizeBytes, `line ${i} of a file\n`));
  }
}
