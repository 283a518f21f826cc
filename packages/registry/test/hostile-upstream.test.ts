// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { expect, it } from 'vitest';
import { startGatedUpstream } from './gated-upstream.ts';
import { codeOf, sha256 } from './world.ts';

async function startUpstream(listener: RequestListener): Promise<AsyncDisposable & { host: string }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

it('lists of an upstream that do not end are given up before they fill the memory', async () => {
  let pages = 0;
  await using upstream = await startUpstream((_, response) => {
    pages += 1;
    response.writeHead(200, {
      'content-type': MediaType.ImageIndex,
      link: `</v2/a/referrers/x?page=${pages}>; rel="next"`,
    });
    const annotations = { a: 'x'.repeat(3_900_000) };
    const descriptor = {
      mediaType: MediaType.ImageManifest,
      digest: sha256(String(pages)),
      size: 1,
      annotations,
    };
    response.end(JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  });
  await using client = createRegistryClient({ tlsVerify: false });
  await using cache = await startRegistry({ proxy: { upstream: upstream.host, client } });
  const response = await fetch(`${cache.url}/v2/a/referrers/${sha256('subject')}`);
  expect(await codeOf(response)).toEqual([502, 'UNAVAILABLE']);
  expect(pages).toBeLessThan(12);
});

it('a blob of no bytes is not given for another one', async () => {
  await using upstream = await startUpstream((_, response) => {
    response.writeHead(200, { 'content-length': '0' }).end();
  });
  await using client = createRegistryClient({ tlsVerify: false, retry: { attempts: 1 } });
  await using cache = await startRegistry({ proxy: { upstream: upstream.host, client } });
  const blob = async (digest: string) => await fetch(`${cache.url}/v2/a/blobs/${digest}`);
  expect(await codeOf(await blob(sha256('other')))).toEqual([502, 'UNAVAILABLE']);
  const nothing = await blob(sha256(''));
  expect([nothing.status, await nothing.text()]).toEqual([200, '']);
});

it('no more than a hundred blobs are fetched at once, however many are asked for', async () => {
  await using upstream = await startGatedUpstream(Buffer.alloc(10));
  await using client = createRegistryClient({ tlsVerify: false, retry: { attempts: 1 } });
  await using cache = await startRegistry({ proxy: { upstream: upstream.host, client } });
  const refused: string[] = [];
  const asked = Array.from({ length: 150 }, async (_, index) => {
    const response = await fetch(`${cache.url}/v2/a/blobs/${sha256(String(index))}`);
    if (response.status === 429) refused.push(await response.text());
  });
  await expect.poll(() => refused.length).toBe(50);
  expect(refused[0]).toContain('TOOMANYREQUESTS');
  upstream.cut();
  await Promise.allSettled(asked);
  expect(refused.length).toBe(50);
});

it('of two ns parameters neither is believed', async () => {
  await using upstream = await startUpstream((_, response) => response.end('{"tags":[]}'));
  await using client = createRegistryClient({ tlsVerify: false });
  await using cache = await startRegistry({ proxy: { upstream: upstream.host, client } });
  const ask = (query: string) => fetch(`${cache.url}/v2/a/tags/list?${query}`);
  expect(await codeOf(await ask(`ns=${upstream.host}&ns=other.example`))).toEqual([400, 'UNSUPPORTED']);
  expect((await ask(`ns=${upstream.host}`)).status).toBe(200);
});
