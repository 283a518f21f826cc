// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createRegistry, startRegistry } from '@lading/registry';
import { expect, it } from 'vitest';
import { bundleForBrowser, runInChromium } from '../../../../tools/test-support/chromium.ts';

const folder = new URL('../..', import.meta.url).pathname;

/** A page that pushes an image, reads it back and tells what it saw. */
const page = `
import { descriptorOf, encodeJson, MediaType } from '@lading/image-spec';
import { createRegistryClient } from '@lading/registry-client';

export default async function run({ host, credentials }) {
  const client = createRegistryClient({ tlsVerify: false, credentials: () => credentials });
  await client.ping(host);
  const repository = client.repository(host + '/demo/page');
  const bytes = new Uint8Array(200_000).map((_, index) => index % 251);
  const source = (of) => async function* () { yield of; };
  const layer = await descriptorOf('application/octet-stream', bytes);
  const config = await descriptorOf(MediaType.Empty, encodeJson({}));
  const first = await repository.blobs.push(layer, source(bytes));
  await repository.blobs.push(config, source(encodeJson({})));
  const manifest = encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageManifest, config, layers: [layer] });
  const pushed = await repository.manifests.push(manifest, { mediaType: MediaType.ImageManifest, tag: 'v1' });
  const found = await repository.resolve('v1');
  let read = 0;
  for await (const chunk of repository.blobs.open(layer)) read += chunk.length;
  const tags = [];
  for await (const tag of repository.tags()) tags.push(tag);
  const missing = await repository.resolve('none').catch(({ code, reason }) => code + ' ' + reason);
  await client.close();
  const closed = await repository.resolve('v1').catch(({ code }) => code);
  return { state: first.state, same: pushed.digest === found.digest, read, tags, missing, closed };
}`;

const told = {
  state: 'uploaded',
  same: true,
  read: 200_000,
  tags: ['v1'],
  missing: 'not_found MANIFEST_UNKNOWN',
  closed: 'failed_precondition',
};

it('a page pushes and pulls, anonymously', async () => {
  await using registry = await startRegistry({ cors: '*' });
  expect(await runInChromium(page, folder, { host: registry.host })).toEqual(told);
});

it('a page pushes and pulls with a password', async () => {
  const expected = `Basic ${Buffer.from('anna:geheim ä').toString('base64')}`;
  await using registry = await startRegistry({
    cors: '*',
    authorize: ({ headers }) =>
      headers.authorization === expected ? undefined : { challenge: 'Basic realm="registry"' },
  });
  const credentials = { username: 'anna', password: 'geheim ä' };
  expect(await runInChromium(page, folder, { host: registry.host, credentials })).toEqual(told);
});

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

it('a page reads a blob from the storage that the registry redirects to, which gets no password', async () => {
  const seen: (string | undefined)[] = [];
  const inner = await createRegistry({ cors: '*' });
  await using storage = await listen((request, response) => {
    if (request.method !== 'OPTIONS') seen.push(request.headers.authorization);
    inner.handler(request, response);
  });
  const reads = (request: IncomingMessage) =>
    request.method === 'GET' && /\/blobs\/sha256:/.test(request.url ?? '');
  const expected = `Basic ${Buffer.from('anna:secret').toString('base64')}`;
  await using registry = await listen((request, response) => {
    if (request.method === 'OPTIONS') return void inner.handler(request, response);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'www-authenticate');
    if (request.headers.authorization !== expected) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    }
    if (!reads(request)) return void inner.handler(request, response);
    response.writeHead(307, { location: `http://${storage.host}${request.url}` }).end();
  });
  const credentials = { username: 'anna', password: 'secret' };
  expect(await runInChromium(page, folder, { host: registry.host, credentials })).toEqual(told);
  expect(seen).toEqual([undefined]);
});

it('the code for a browser has neither Node nor undici in it, and is small', async () => {
  const bundle = await bundleForBrowser(page, folder);
  expect(bundle).not.toMatch(/from ?"node:|require\(|undici\/|process\.env/);
  expect(bundle.length).toBeLessThan(400_000);
});
