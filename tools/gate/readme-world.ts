// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pushBusyboxImage } from '../quickstart/image.ts';
import { writeNetwork } from '../quickstart/network.ts';
import { run, startServer } from '../quickstart/programs.ts';
import { makeRoot } from '../quickstart/root.ts';

/** What the shell examples of the READMEs find around them. */
export interface ShellWorld extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
}

/** A registry with the image `demo/hello:latest`, a policy that accepts every image, and a store and a network for `lading` below a temporary root. */
export async function makeShellWorld(root: string): Promise<ShellWorld> {
  await using stack = new AsyncDisposableStack();
  const roots = stack.use(await makeRoot());
  const server = stack.use(
    await startServer('lading-registry', ['serve', '--addr', '127.0.0.1:0'], process.env),
  );
  const host = new URL(server.line.replace('listening on ', '')).host;
  const work = join(roots.path, 'image');
  await mkdir(work);
  await pushBusyboxImage({ host, repository: 'demo/hello', tag: 'latest' }, work);
  const network = stack.use(await writeNetwork(roots.path));
  const home = join(roots.path, 'home');
  await mkdir(join(home, '.config/containers'), { recursive: true });
  await writeFile(
    join(home, '.config/containers/policy.json'),
    '{"default": [{"type": "insecureAcceptAnything"}]}\n',
  );
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: home,
    PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    REGISTRY: host,
    LADING_ROOT: join(roots.path, 'root'),
    LADING_RUNROOT: join(roots.path, 'run'),
    LADING_NETWORK_CONFIG_DIR: network.configDir,
  };
  stack.defer(async () => {
    await run('lading', ['rm', '--force', '--all'], env);
  });
  const owned = stack.move();
  return { env, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
