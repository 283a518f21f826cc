// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { EmptyDescriptor, encodeJson, MediaType } from '@lading/image-spec';
import { createRegistryClient } from '@lading/registry-client';
import { startServer } from '../tools/quickstart/programs.ts';
import { startDockerRegistry } from '../tools/test-support/docker-registry.ts';
import { type Contender, peakRssMb, type Race, type Races } from './measure.ts';

/** The time that a registry takes for 1,000 GETs of a manifest, asked by wrk over eight connections at once. */
export async function serveRaces(folder: string): Promise<Races> {
  await using stack = new AsyncDisposableStack();
  const docker = stack.use(await startDockerRegistry({ parent: folder }));
  const serve = ['serve', '--addr', '127.0.0.1:0', '--root', join(folder, 'lading-serve')];
  const lading = stack.use(await startServer('lading-registry', serve, process.env));
  const ladingHost = new URL(lading.line.replace('listening on ', '')).host;
  const contender = async (name: string, host: string, pid: number): Promise<Contender> => {
    await pushManifest(host);
    const accept = `Accept: ${MediaType.ImageManifest}`;
    const url = `http://${host}/v2/bench/serve/manifests/1`;
    return {
      name,
      command: ['wrk', '-t', '1', '-c', '8', '-d', '3s', '-H', accept, url],
      env: process.env,
      read(output) {
        const requestsPerSecond = Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(output)?.[1]);
        if (!(requestsPerSecond > 0) || /Non-2xx/.test(output)) throw new Error(`wrk says:\n${output}`);
        return { ms: 1e6 / requestsPerSecond, rssMb: peakRssMb(pid) };
      },
    };
  };
  const race: Race = {
    name: 'registry-serve',
    about: '1,000 GETs of a manifest by its tag, eight at a time, from a folder on tmpfs',
    lading: await contender('lading-registry', ladingHost, lading.pid),
    peers: [await contender('docker-registry', docker.host, docker.pid)],
    rounds: 5,
  };
  const owned = stack.move();
  return { races: [race], [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function pushManifest(host: string): Promise<void> {
  await using client = createRegistryClient({ tlsVerify: false });
  const { blobs, manifests } = client.repository(`${host}/bench/serve`);
  const empty = encodeJson({});
  await blobs.push(EmptyDescriptor, async function* () {
    yield empty;
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    artifactType: 'application/vnd.lading.bench',
    config: EmptyDescriptor,
    layers: [EmptyDescriptor],
  };
  await manifests.push(encodeJson(manifest), { mediaType: MediaType.ImageManifest, tag: '1' });
}
