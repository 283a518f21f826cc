// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { Transport, TransportRequest } from '../transport.ts';
import { type CaseServer, startCaseServer } from './case-server.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const bytes = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 31) % 251);

/**
 * The cases that every {@link Transport} is to pass. `make` is called for each case; the suite closes what it
 * gives. It needs vitest and a machine with 127.0.0.1.
 */
export function transportConformance(name: string, make: () => Transport | Promise<Transport>): void {
  describe(`${name}, as a transport`, () => {
    let server: CaseServer | undefined;
    let transport: Transport | undefined;
    afterEach(async () => {
      await transport?.close();
      await server?.[Symbol.asyncDispose]();
      transport = server = undefined;
    });

    async function start(answer: Answer) {
      server = await startCaseServer(answer);
      transport = await make();
      const { origin } = server;
      const opened = transport;
      const send = (request: Partial<Omit<TransportRequest, 'url'>> = {}, path = '/') =>
        opened.send({ method: 'GET', headers: {}, tlsVerify: true, ...request, url: new URL(path, origin) });
      return { transport: opened, send, origin };
    }
    const read = async (body: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(body));

    it.each([200, 201, 202, 204, 206, 400, 401, 404, 416, 429, 500, 503])(
      'resolves for status %i',
      async (status) => {
        const { send } = await start((_, response) => response.writeHead(status).end());
        const response = await send();
        expect(response.status).toBe(status);
        expect((await read(response.body)).length).toBe(0);
      },
    );

    it('sends method, path and query as they are spelled', async () => {
      const { send } = await start((request, response) => response.end(`${request.method} ${request.url}`));
      const response = await send({ method: 'DELETE' }, '/v2/a/blobs/sha256:b?_state=a%2Bb&c=%7E');
      expect((await read(response.body)).toString()).toBe('DELETE /v2/a/blobs/sha256:b?_state=a%2Bb&c=%7E');
    });

    it('sends the headers that it is given', async () => {
      const { send } = await start((request, response) => {
        response.end(
          JSON.stringify([request.headers.authorization, request.headers.range, request.headers.accept]),
        );
      });
      const headers = { authorization: 'Basic YTpi', range: 'bytes=5-', accept: 'a/b, c/d' };
      const response = await send({ headers });
      expect(JSON.parse((await read(response.body)).toString())).toEqual(Object.values(headers));
    });

    it.each([
      ['in one piece', () => bytes],
      ['as a stream', () => pieces(bytes)],
    ])('sends a body %s, with its length', async (_, body) => {
      const { send } = await start(async (request, response) => {
        const got = await buffer(request);
        response.end(JSON.stringify([request.headers['content-length'], got.equals(bytes)]));
      });
      const headers = { 'content-length': String(bytes.length), 'content-type': 'application/octet-stream' };
      const response = await send({ method: 'PUT', headers, body: body() });
      expect((await read(response.body)).toString()).toBe(JSON.stringify([String(bytes.length), true]));
    });

    it('rejects when the source of a body fails, and no whole request arrives', async () => {
      let whole = false;
      const { send } = await start((request, response) => {
        request.on('end', () => {
          whole = true;
        });
        request.on('error', () => undefined).resume();
        request.on('close', () => response.destroy());
      });
      const broken = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, 1000);
        throw new Error('the disk is gone');
      };
      const headers = { 'content-length': String(bytes.length) };
      await expect(send({ method: 'PUT', headers, body: broken() })).rejects.toThrow();
      expect(whole).toBe(false);
    });

    it('gives the bytes of the answer as they were sent', async () => {
      const { send } = await start((_, response) => response.end(bytes));
      const response = await send();
      expect(response.headers.get('content-length')).toBe(String(bytes.length));
      expect((await read(response.body)).equals(bytes)).toBe(true);
    });

    it('gives the head of an answer to HEAD', async () => {
      const { send } = await start((_, response) => response.writeHead(200, { 'content-length': 5 }).end());
      const response = await send({ method: 'HEAD' });
      expect(response.headers.get('content-length')).toBe('5');
      expect((await read(response.body)).length).toBe(0);
    });

    it('gives all headers of one name', async () => {
      const { send } = await start((_, response) => {
        response.setHeader('www-authenticate', ['Basic realm="a"', 'Bearer realm="b"']).writeHead(401).end();
      });
      const response = await send();
      expect(response.headers.get('www-authenticate')).toBe('Basic realm="a", Bearer realm="b"');
      await read(response.body);
    });

    it('follows no redirect', async () => {
      const paths: unknown[] = [];
      const { send } = await start((request, response) => {
        paths.push(request.url);
        response.writeHead(307, { location: '/elsewhere' }).end();
      });
      const response = await send();
      expect([response.status, response.headers.get('location')]).toEqual([307, '/elsewhere']);
      await read(response.body);
      expect(paths).toEqual(['/']);
    });

    it('decodes a compressed body and says so by leaving the header out, or does neither', async () => {
      const packed = gzipSync(bytes);
      const { send } = await start((_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed),
      );
      const response = await send();
      const raw = response.headers.has('content-encoding');
      expect((await read(response.body)).equals(raw ? packed : bytes)).toBe(true);
      if (!raw) expect(response.headers.has('content-length')).toBe(false);
    });

    it('keeps no cookies', async () => {
      const cookies: unknown[] = [];
      const { send } = await start((request, response) => {
        cookies.push(request.headers.cookie);
        response.setHeader('set-cookie', 'a=b; Path=/').end();
      });
      for (const _ of [1, 2]) await read((await send()).body);
      expect(cookies).toEqual([undefined, undefined]);
    });

    it('rejects with the system’s error when nobody listens', async () => {
      const { send } = await start((_, response) => response.end());
      await server?.[Symbol.asyncDispose]();
      server = undefined;
      const failure = await send().then(
        () => undefined,
        (error: unknown) => LadingError.from(error),
      );
      expect(failure).toMatchObject({ code: Code.Unavailable, reason: 'ECONNREFUSED' });
    });

    it.each([
      ['before an answer', ''],
      ['in the middle of a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
      ['in the middle of a body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'],
      ['in the middle of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n12345'],
    ])('rejects when the connection is cut %s', async (_, said) => {
      const { send } = await start((request) => request.socket.end(said));
      await expect(send().then(({ body }) => read(body))).rejects.toThrow();
    });

    it.each([
      ['before the request', 0],
      ['before the head', 1],
      ['before the body', 2],
      ['within the body', 3],
    ])('ends with the signal, %s, and lets go of the connection', async (_, moment) => {
      const abort = new AbortController();
      let closed: Promise<unknown> | undefined;
      const { send } = await start((_request, response) => {
        closed = once(response, 'close');
        if (moment === 1) return abort.abort();
        response.writeHead(200).write(bytes.subarray(0, 1000));
      });
      if (moment === 0) abort.abort();
      const run = async (): Promise<void> => {
        const { body } = await send({ signal: abort.signal });
        if (moment === 2) abort.abort();
        for await (const _chunk of body) abort.abort();
      };
      await expect(run()).rejects.toThrow();
      if (moment > 0) await closed;
      else expect(closed).toBeUndefined();
    });

    it.each([
      ['after the first bytes', 1],
      ['before the first read', 0],
    ])('closes the connection when a body is left %s', async (_, reads) => {
      let closed: Promise<unknown> | undefined;
      const { send } = await start((_request, response) => {
        closed = once(response, 'close');
        response.writeHead(200).write(bytes.subarray(0, 1000));
      });
      const body = (await send()).body[Symbol.asyncIterator]();
      for (let read = 0; read < reads; read++) expect((await body.next()).done).toBe(false);
      await body.return?.();
      await closed;
    });

    it('ends what is under way when it is closed, and takes no more', async () => {
      const { send, transport: opened } = await start(() => void opened.close());
      await expect(send()).rejects.toThrow();
      await expect(send()).rejects.toThrow();
    });
  });
}

async function* pieces(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += 65_536) yield whole.subarray(at, at + 65_536);
}
