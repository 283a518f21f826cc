// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { startRegistry } from '@lading/registry';
import { createFetchTransport, createRegistryClient } from '@lading/registry-client';
import { expect, it } from 'vitest';
import { collect, pushImage, randomImage, sourceOf } from './image.ts';
import { eagerRetry, startScripted } from './scripted-server.ts';

it('a client on fetch pushes, pulls and mounts', async () => {
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false, transport: createFetchTransport() });
  const image = await randomImage();
  const first = client.repository(`${registry.host}/first`);
  const pushed = await pushImage(first, image, 'v1');
  expect(await first.resolve('v1')).toEqual(pushed);
  expect((await collect(first.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
  const mounted = client
    .repository(`${registry.host}/second`)
    .blobs.push(image.layer, sourceOf(image.layerBytes), { mountFrom: 'first' });
  expect(await mounted).toEqual({ state: 'mounted' });
});

it('a streamed body is collected no further than the limit', async () => {
  await using server = await startScripted((_, response) => response.end());
  const transport = createFetchTransport({ maxBodyBytes: 100_000 });
  let read = 0;
  const body = async function* () {
    for await (const chunk of sourceOf(new Uint8Array(300_000))()) {
      read += chunk.length;
      yield chunk;
    }
  };
  const url = new URL(`http://${server.host}/upload`);
  const sent = transport.send({ method: 'PUT', url, headers: {}, body: body(), tlsVerify: true });
  await expect(sent).rejects.toMatchObject({ code: Code.ResourceExhausted, reason: 'BODY_TOO_LARGE' });
  expect(read).toBeLessThan(150_000);
  expect(server.requests).toEqual([]);
  await transport.close();
});

it('an upload goes in pieces that are held one at a time', async () => {
  await using registry = await startRegistry();
  const transport = createFetchTransport({ maxBodyBytes: 20_000_000 });
  await using client = createRegistryClient({ tlsVerify: false, transport });
  const { layer, layerBytes } = await randomImage(30_000_000);
  const { blobs } = client.repository(`${registry.host}/demo`);
  expect(await blobs.push(layer, sourceOf(layerBytes, 1_000_000))).toEqual({ state: 'uploaded' });
  expect((await collect(blobs.open(layer))).equals(layerBytes)).toBe(true);
});

it('what a browser hides of a redirect is followed by itself for a GET, and told for an upload', async () => {
  const { layer, layerBytes } = await randomImage();
  await using server = await startScripted((request, response) => {
    if (request.method === 'HEAD') return void response.writeHead(404).end();
    if (request.url === '/signed') return void response.end(layerBytes);
    response.writeHead(307, { location: '/signed' }).end();
  });
  /** Node's fetch shows a redirect where a browser gives an answer of the type `opaqueredirect`. */
  const hiding: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    if (answer.status !== 307) return answer;
    await answer.body?.cancel();
    return Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
  };
  const transport = createFetchTransport({ fetch: hiding });
  await using client = createRegistryClient({ tlsVerify: false, transport, retry: eagerRetry().retry });
  const { blobs } = client.repository(`${server.host}/demo`);
  expect((await collect(blobs.open(layer))).equals(layerBytes)).toBe(true);
  await expect(blobs.push(layer, sourceOf(layerBytes))).rejects.toMatchObject({
    reason: 'UNEXPECTED_RESPONSE',
  });
});

it('the options of Node are refused with a transport of the caller', () => {
  const transport = createFetchTransport();
  for (const options of [{ tls: () => undefined }, { unixSocket: () => undefined }]) {
    expect(() => createRegistryClient({ ...options, transport })).toThrowError(
      expect.objectContaining({ code: Code.InvalidArgument }),
    );
  }
});
