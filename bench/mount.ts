// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestBytes, digestHex, encodeJson, MediaType, parseDigest } from '@lading/image-spec';
import { packEntries } from '@lading/layer';
import { openStore } from '@lading/storage';
import type { Benchmark } from './measure.ts';
import { makeWorld } from './world.ts';

const execute = promisify(execFile);
const name = 'localhost/bench/mount:1';
const layerCount = 30;

/** Create and mount a container on an image of 30 layers, both sides in one store. */
export const mountBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await makeWorld());
    const { podman } = world;
    const [program = '', ...args] = podman.command;
    const graphRoot = join(world.folder, 'podman-root');
    const runRoot = join(world.folder, 'podman-run');
    await makeImage(graphRoot, runRoot);
    const once = [podman.command.join(' '), 'create --name bench --network none', name, 'true >&2'].join(' ');
    const owned = stack.move();
    return {
      races: [
        {
          name: 'mount',
          about: `create and mount of a container on an image of ${layerCount} layers: the median of 30 in a process that runs, and podman's two commands`,
          lading: {
            name: 'lading',
            command: [
              process.execPath,
              ...['--conditions=@lading/source', join(import.meta.dirname, 'programs/mount-many.ts')],
              ...[graphRoot, runRoot, name],
            ],
            env: process.env,
            read: (output) => JSON.parse(output),
          },
          peers: [
            {
              name: 'podman',
              command: ['sh', '-ec', `${once}; ${podman.command.join(' ')} mount bench`],
              env: podman.env,
              async prepare() {
                await execute(program, [...args, 'rm', '--force', '--ignore', 'bench'], { env: podman.env });
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

async function makeImage(graphRoot: string, runRoot: string): Promise<void> {
  await using store = await openStore({ graphRoot, runRoot });
  const descriptors = [];
  let topLayer: string | undefined;
  for (let index = 0; index < layerCount; index += 1) {
    const file = { type: 'file', path: `file${index}`, content: Buffer.from(`layer ${index}`) } as const;
    const tar = await Array.fromAsync(packEntries([file]));
    const hash = createHash('sha256');
    for (const chunk of tar) hash.update(chunk);
    const digest = parseDigest(`sha256:${hash.digest('hex')}`);
    const size = tar.reduce((sum, chunk) => sum + chunk.length, 0);
    descriptors.push({ mediaType: MediaType.Layer, digest, size });
    const parent = topLayer === undefined ? {} : { parent: topLayer };
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield* tar;
    }
    topLayer = (await store.layers.add(chunks(), { expectedDiffId: digest, ...parent })).id;
  }
  const config = encodeJson({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: descriptors.map(({ digest }) => digest) },
  });
  const configDigest = await digestBytes(config);
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: { mediaType: MediaType.ImageConfig, digest: configDigest, size: config.length },
    layers: descriptors,
  });
  const digest = await digestBytes(manifest);
  await store.images.create({
    id: digestHex(configDigest),
    names: [name],
    ...(topLayer === undefined ? {} : { topLayer }),
    digest,
    manifests: [{ digest, bytes: manifest }],
    config: { digest: configDigest, bytes: config },
  });
}
