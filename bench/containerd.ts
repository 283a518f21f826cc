// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** containerd with a root and a socket of its own, and the command line that talks to it. */
export interface Containerd extends AsyncDisposable {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Starts it without what needs the machine's own set-up: neither CRI nor other snapshotters than overlayfs. */
export async function startContainerd(folder: string): Promise<Containerd> {
  const home = join(folder, 'containerd');
  await mkdir(home);
  const socket = join(home, 'containerd.sock');
  const disabled = ['grpc.v1.cri', 'snapshotter.v1.aufs', 'snapshotter.v1.btrfs', 'snapshotter.v1.devmapper']
    .concat(['snapshotter.v1.native', 'snapshotter.v1.zfs', 'internal.v1.opt'])
    .map((name) => `"io.containerd.${name}"`);
  const config = [
    'version = 2',
    `root = "${join(home, 'root')}"`,
    `state = "${join(home, 'state')}"`,
    `disabled_plugins = [${disabled.join(', ')}]`,
    '[grpc]',
    `address = "${socket}"`,
    '[ttrpc]',
    `address = "${socket}.ttrpc"`,
  ];
  await writeFile(join(home, 'config.toml'), `${config.join('\n')}\n`);
  const child = spawn('containerd', ['--config', join(home, 'config.toml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = once(child, 'exit');
  ended.catch(() => undefined);
  while (!existsSync(socket)) {
    if (child.exitCode !== null || child.pid === undefined)
      throw new Error(`containerd ended: ${said.join('')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    command: ['ctr', '--address', socket],
    env: process.env,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
