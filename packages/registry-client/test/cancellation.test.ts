// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Code } from '@lading/errors';
import { createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { randomImage } from './image.ts';
import { startScripted } from './scripted-server.ts';

const { layer, layerBytes } = await randomImage(10_000_000);

describe('a download', () => {
  it('that is left early closes its connection', async () => {
    let closed: Promise<unknown> | undefined;
    await using server = await startScripted((_, response) => {
      closed = once(response, 'close');
      Readable.from(endless()).pipe(response);
    });
    await using client = createRegistryClient({ tlsVerify: false });
    for await (const chunk of client.repository(`${server.host}/demo`).blobs.open(layer)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await closed;
  });

  it.each([
    { name: 'before the first byte', chunks: 0 },
    { name: 'in the middle', chunks: 1 },
  ])('ends with Canceled when the signal is aborted $name, and closes its connection', async ({ chunks }) => {
    const abort = new AbortController();
    let closed: Promise<unknown> | undefined;
    await using server = await startScripted((_, response) => {
      closed = once(response, 'close');
      if (chunks === 0) return void setImmediate(() => abort.abort());
      response.write(layerBytes.subarray(0, 1000));
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const read = async () => {
      const { blobs } = client.repository(`${server.host}/demo`);
      for await (const _ of blobs.open(layer, { signal: abort.signal })) abort.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: Code.Canceled });
    await closed;
  });

  it('fails with DeadlineExceeded when its time is over', async () => {
    await using server = await startScripted(() => undefined);
    await using client = createRegistryClient({ tlsVerify: false });
    const signal = AbortSignal.timeout(50);
    await expect(client.repository(`${server.host}/demo`).resolve('v1', { signal })).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
    });
  });
});

describe('an upload', () => {
  it('ends with Canceled when the signal is aborted, and lets go of its source', async () => {
    const abort = new AbortController();
    let released = false;
    await using server = await startScripted((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      if (request.method === 'POST') return void response.writeHead(202, { location: '/v2/demo/u/1' }).end();
      if (request.method === 'DELETE') return void response.writeHead(204).end();
      request.once('data', () => abort.abort());
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (let at = 0; at < layer.size; at += 1000) yield layerBytes.subarray(at, at + 1000);
      } finally {
        released = true;
      }
    };
    const push = client.repository(`${server.host}/demo`).blobs.push(layer, source, { signal: abort.signal });
    await expect(push).rejects.toMatchObject({ code: Code.Canceled });
    await expect.poll(() => released).toBe(true);
  });

  it('is not begun when the signal is aborted already', async () => {
    await using server = await startScripted((_, response) => response.end());
    await using client = createRegistryClient({ tlsVerify: false });
    const signal = AbortSignal.abort();
    await expect(client.repository(`${server.host}/demo`).resolve('v1', { signal })).rejects.toMatchObject({
      code: Code.Canceled,
    });
    expect(server.requests).toEqual([]);
  });
});

function* endless(): Generator<Uint8Array> {
  for (;;) yield layerBytes.subarray(0, 65_536);
}
