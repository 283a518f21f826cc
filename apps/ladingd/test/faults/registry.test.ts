// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createImageClient } from '@lading/cri-api';
import { descriptorOf, encodeJson, MediaType } from '@lading/image-spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../soak/file-listing.ts';
import { until } from '../until.ts';
import { createWorld, type Served, type World } from '../world.ts';
import { leadOtherPod, watchSettled } from './other-pod.ts';

let world: World;
let daemon: Served;
let registry: Server;
let host: string;
let serve: RequestListener;
beforeAll(async () => {
  registry = createServer((request, response) => serve(request, response)).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const address = registry.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  host = `127.0.0.1:${address.port}`;
  world = await createWorld();
  daemon = await world.serve('--insecure-registry', host);
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  registry.closeAllConnections();
  registry.close();
});

const listing = (): readonly string[] => filesBelow(world.root, ['graph', 'run']);
const pull = (image: string) => daemon.images.pullImage({ image: { image } });

describe('a registry', () => {
  it('that is down is unavailable, in the words that the kubelet looks for', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const address = nobody.address();
    await new Promise((resolve) => nobody.close(resolve));
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(pull(`127.0.0.1:${port}/gone:1`)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(`^RegistryUnavailable: .*127.0.0.1:${port}`),
    });
  });

  it('that answers with failures is unavailable', async () => {
    serve = (_request, response) => response.writeHead(503).end();
    await expect(pull(`${host}/broken:1`)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^RegistryUnavailable: /),
    });
  });

  it('that hangs in the midst of a layer holds up that pull alone, and it leaves nothing', async () => {
    await leadOtherPod(daemon, world, 'first');
    const before = listing();
    const layer = gzipSync(randomBytes(1 << 20));
    const descriptor = await descriptorOf(MediaType.LayerGzip, layer);
    const config = encodeJson({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [descriptor.digest] },
    });
    const configDescriptor = await descriptorOf(MediaType.ImageConfig, config);
    const manifest = {
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      config: configDescriptor,
      layers: [descriptor],
    };
    const half = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    serve = ({ url = '', method }, response) => {
      if (url.includes('/manifests/')) {
        response.writeHead(200, { 'content-type': MediaType.ImageManifest });
        response.end(method === 'HEAD' ? undefined : encodeJson(manifest));
      } else if (url.endsWith(configDescriptor.digest)) response.end(config);
      else if (url.endsWith(descriptor.digest)) {
        response
          .writeHead(200, { 'content-length': layer.length })
          .write(layer.subarray(0, layer.length / 2));
        response.on('close', () => left.resolve());
        half.resolve();
      } else response.writeHead(url === '/v2/' ? 200 : 404).end();
    };
    using client = createImageClient(`unix://${daemon.socket}`, { timeoutMs: 5000 });
    const pulling = client.pullImage({ image: { image: `${host}/hangs:1` } });
    const isOver = watchSettled(pulling);
    await Promise.race([half.promise, pulling]);
    await leadOtherPod(daemon, world, 'other');
    await pull(world.image);
    expect(isOver()).toBe(false);
    await expect(pulling).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await left.promise;
    expect(await daemon.images.imageStatus({ image: { image: `${host}/hangs:1` } })).toMatchObject({
      info: {},
    });
    await until(() => listing().length === before.length);
    expect(listing()).toEqual(before);
  });
});
