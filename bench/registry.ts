// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startDockerRegistry } from '../tools/test-support/docker-registry.ts';
import { crane, skopeo } from './copiers.ts';
import { pushGibibyteImage } from './gibibyte-image.ts';
import type { Benchmark, Contender, Race } from './measure.ts';
import { serveRaces } from './serve.ts';

const programs = join(import.meta.dirname, 'programs');

/**
 * A 1 GiB blob read and verified, copied to an OCI layout and pushed, each against other programs on the same
 * server, Debian's docker-registry on tmpfs; then that server against lading-registry.
 */
export const registryBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp('/dev/shm/lading-bench-');
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const server = stack.use(await startDockerRegistry({ parent: folder }));
    const image = await pushGibibyteImage(server.host, folder);
    const serving = stack.use(await serveRaces(folder));
    const compiled = join(folder, 'compiled');
    const { repository, layer } = image;
    const blobUrl = `http://${repository}/blobs/${layer.digest}`.replace(server.host, `${server.host}/v2`);

    const read: Race = {
      name: 'registry-read',
      about: 'a 1 GiB blob read over loopback and verified',
      lading: program('read-blob.ts', [repository, layer.digest, String(layer.size)], compiled),
      peers: [shell('curl | sha256sum', `set -o pipefail; curl -sSf ${blobUrl} | sha256sum`)],
      rounds: 5,
    };

    const target = join(folder, 'layout');
    const empty = async () => {
      await rm(target, { recursive: true, force: true });
      await mkdir(target);
    };
    const reference = `${repository}:1`;
    const copy: Race = {
      name: 'registry-copy',
      about: 'an image with a 1 GiB layer copied to an OCI layout on tmpfs',
      lading: { ...program('pull-layout.ts', [reference, target], compiled), prepare: empty },
      peers: [
        {
          ...skopeo(['copy', '--src-tls-verify=false', `docker://${reference}`, `oci:${target}:1`]),
          prepare: empty,
        },
        ...crane(['pull', '--insecure', '--format=oci', reference, target]).map((one) => ({
          ...one,
          prepare: empty,
        })),
      ],
      rounds: 5,
    };

    let pushes = 0;
    const next = () => `${server.host}/bench/push-${pushes}:1`;
    const fresh = (contender: (reference: string) => Contender): Contender => ({
      ...contender(''),
      get command() {
        return contender(next()).command;
      },
      async prepare() {
        pushes += 1;
      },
    });
    const push: Race = {
      name: 'registry-push',
      // Not against skopeo, which remembers the layer from the round before and has it mounted.
      about: 'the same image pushed from an OCI layout into a new repository',
      lading: fresh((to) => program('push-layout.ts', [image.layout, to], compiled)),
      peers: [
        fresh((to) =>
          shell(
            'curl',
            `location=$(curl -sSf -X POST -D - -o /dev/null http://${to.replace(server.host, `${server.host}/v2`).replace(/:1$/, '')}/blobs/uploads/ | sed -n 's/^location: //Ip' | tr -d '\\r')\n` +
              `curl -sSf -T ${image.layerFile} -H 'content-type: application/octet-stream' "$location&digest=${layer.digest}"`,
          ),
        ),
        ...crane([]).map(({ name, env }) =>
          fresh((to) => ({
            name,
            command: ['crane', 'push', '--insecure', image.layout, to],
            env,
          })),
        ),
      ],
      rounds: 5,
    };

    const owned = stack.move();
    return { races: [read, copy, push, ...serving.races], [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

function program(file: string, args: readonly string[], cache: string): Contender {
  // Compiled once and kept, as Lading's own programs are.
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  return { name: 'lading', command: [process.execPath, join(programs, file), ...args], env };
}

function shell(name: string, script: string): Contender {
  return { name, command: ['bash', '-euc', script], env: process.env };
}
