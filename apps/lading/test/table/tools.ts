// SPDX-License-Identifier: Apache-2.0
import { existsSync, globSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createWorld, ended, self, type World } from '../world.ts';
import { execute } from './execute.ts';
import type { Ended } from './result.ts';

export interface Tool {
  readonly name: 'podman' | 'lading';
  /** Starts it from a shell. */
  readonly command: readonly string[];
  run(words: readonly string[], cwd: string): Promise<Ended>;
}

/** podman and lading, with a store each that has the same image. */
export interface Tools extends AsyncDisposable {
  readonly world: World;
  readonly env: Readonly<Record<string, string>>;
  readonly podman: Tool;
  readonly lading: Tool;
  /** Of the manifest of the image that both have. */
  readonly digest: string;
}

const podmanBridge = '/sys/class/net/cni-podman0';

export const image = 'localhost/demo:1';

export async function openTools(): Promise<Tools> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  const env = { ...world.env, HOME: world.dir, CONTAINERS_CONF: join(world.dir, 'containers.conf') };
  const hadBridge = existsSync(podmanBridge);
  const podman = await podmanIn(world, env);
  stack.defer(async () => {
    await podman.run(['pod', 'rm', '--force', '--all', '--time', '0'], world.dir);
    await podman.run(['rm', '--force', '--all', '--time', '0'], world.dir);
    // Monitors call podman once more for what was removed, and its store is in use until then.
    await ended(join(world.dir, 'podman-'));
    await removePodGroups(world);
    const driver = join(world.dir, 'podman-root/overlay');
    // podman binds the folder of its driver onto itself, and leaves it so.
    if (existsSync(driver)) await execute(['umount', driver], env, world.dir);
    // Made by the first container on podman's own network, and left.
    const isIdle = existsSync(podmanBridge) && readdirSync(`${podmanBridge}/brif`).length === 0;
    if (!hadBridge && isIdle) await execute(['ip', 'link', 'delete', 'cni-podman0'], env, world.dir);
  });
  const lading: Tool = {
    name: 'lading',
    command: self,
    run: (words, cwd) => world.lading(words, '', cwd),
  };
  stack.defer(async () => {
    await lading.run(['pod', 'rm', '--force', '--all', '--time', '0'], world.dir);
  });
  await Promise.all([podman, lading].map((tool) => storeImage(tool, world)));
  const digest = await digestAt(world.image);
  const owned = stack.move();
  return { world, env, podman, lading, digest, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Set up to run where limits cannot be raised, no systemd is there, and with a runtime for both versions of cgroups. */
async function podmanIn({ dir }: World, env: Readonly<Record<string, string>>): Promise<Tool> {
  const lines = [
    '[engine]',
    'runtime = "runc"',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    '[containers]',
    'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
    'log_driver = "k8s-file"',
  ];
  await writeFile(join(dir, 'containers.conf'), `${lines.join('\n')}\n`);
  await mkdir(join(dir, 'podman-networks'));
  const places = ['root', 'runroot', 'tmpdir'].flatMap((name) => [`--${name}`, join(dir, `podman-${name}`)]);
  const networks = ['--network-config-dir', join(dir, 'podman-networks')];
  const command = ['podman', ...places, ...networks, '--storage-driver', 'overlay'];
  return { name: 'podman', command, run: (words, cwd) => execute([...command, ...words], env, cwd) };
}

/** podman leaves empty cgroups of its pods, where the hierarchy has no controller or the pod never came to be. */
async function removePodGroups({ dir }: World): Promise<void> {
  const log = await readFile(join(dir, 'podman-tmpdir/events/events.log'), 'utf8');
  const known = new Set(log.match(/\b[0-9a-f]{64}\b/g));
  const groups = globSync('/sys/fs/cgroup/*/libpod_parent/*/');
  await Promise.all(groups.filter((path) => known.has(basename(path))).map((path) => rmdir(path)));
}

async function digestAt(source: string): Promise<string> {
  const [host = '', ...path] = source.split('/');
  const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' };
  const response = await fetch(`http://${host}/v2/${path.join('/')}/manifests/latest`, { headers });
  await response.arrayBuffer();
  const digest = response.headers.get('docker-content-digest');
  if (digest === null) throw new Error(`${source}: ${response.status}, and no digest`);
  return digest;
}

async function storeImage(tool: Tool, { dir, image: source }: World): Promise<void> {
  for (const words of [
    ['pull', '-q', '--tls-verify=false', source],
    ['tag', source, image],
    ['untag', image, source],
  ]) {
    const { code, err } = await tool.run(words, dir);
    if (code !== 0) throw new Error(`${tool.name} ${words.join(' ')}: ${err}`);
  }
}
