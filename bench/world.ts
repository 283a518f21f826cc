// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mount, readMounts, unmount } from '@lading/linux';
import { startServer } from '../tools/quickstart/programs.ts';
import { type Podman, setUpPodman } from './podman.ts';

/** A tmpfs for both sides' stores, a registry on loopback, and both command lines. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly registry: string;
  readonly lading: { readonly command: readonly string[]; readonly env: NodeJS.ProcessEnv };
  readonly podman: Podman;
}

export async function makeWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp('/dev/shm/lading-bench-');
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  mount({ source: 'tmpfs', target: folder, type: 'tmpfs', data: 'mode=0700' });
  stack.defer(() => {
    const below = readMounts().filter(({ target }) => target === folder || target.startsWith(`${folder}/`));
    for (const { target } of below.toReversed()) unmount(target, { lazy: true });
  });
  await mkdir(join(folder, 'registry'));
  const serve = ['serve', '--addr', '127.0.0.1:0', '--root', join(folder, 'registry')];
  const server = stack.use(await startServer('lading-registry', serve, process.env));
  const roots = ['--root', join(folder, 'lading-root'), '--runroot', join(folder, 'lading-run')];
  const podman = await setUpPodman(folder);
  const owned = stack.move();
  return {
    folder,
    registry: new URL(server.line.replace('listening on ', '')).host,
    // What npm links into PATH when it installs the package; the workspace's own link is a shell script.
    lading: {
      command: [join(import.meta.dirname, '../apps/lading/bin/lading'), ...roots],
      env: process.env,
    },
    podman,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
