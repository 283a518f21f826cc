// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { Code } from '@lading/errors';
import { createRegistry, type RequestRecord, startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { parseExposition } from './exposition.ts';

const bytes = new TextEncoder().encode('a blob');
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const push = (url: string) =>
  fetch(`${url}/v2/a/blobs/uploads/?digest=${digest}`, { method: 'POST', body: bytes });
const codeOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  return [response.status, errors[0]?.code];
};

describe('a registry that is read-only', () => {
  it.each([
    ['POST', '/v2/a/blobs/uploads/'],
    ['POST', `/v2/a/blobs/uploads/?digest=${digest}`],
    ['POST', `/v2/a/blobs/uploads/?mount=${digest}&from=b`],
    ['PATCH', '/v2/a/blobs/uploads/x'],
    ['PUT', `/v2/a/blobs/uploads/x?digest=${digest}`],
    ['PUT', '/v2/a/manifests/v1'],
    ['DELETE', '/v2/a/manifests/v1'],
    ['DELETE', `/v2/a/blobs/${digest}`],
  ])('refuses %s %s', async (method, path) => {
    await using server = await startRegistry({ readOnly: true });
    const response = await fetch(`${server.url}${path}`, { method });
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await codeOf(response)).toEqual([405, 'UNSUPPORTED']);
  });

  it('asks for credentials before it says so, and reads', async () => {
    await using server = await startRegistry({
      readOnly: true,
      authorize: ({ headers }) =>
        headers.authorization === undefined ? { challenge: 'Basic realm="r"' } : undefined,
    });
    expect((await push(server.url)).status).toBe(401);
    const ask = (path: string) => fetch(`${server.url}${path}`, { headers: { authorization: 'x' } });
    expect((await ask('/v2/')).status).toBe(200);
    expect(await codeOf(await ask(`/v2/a/blobs/${digest}`))).toEqual([404, 'BLOB_UNKNOWN']);
  });
});

describe('cors', () => {
  const preflight = { origin: 'https://a.example', 'access-control-request-method': 'PUT' };

  it('answers a preflight without asking for credentials', async () => {
    await using server = await startRegistry({
      cors: '*',
      authorize: () => ({ challenge: 'Basic realm="r"' }),
    });
    const response = await fetch(`${server.url}/v2/a/manifests/v1`, {
      method: 'OPTIONS',
      headers: { ...preflight, 'access-control-request-headers': 'authorization,content-type' },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(response.headers.get('access-control-allow-methods')?.split(', ')).toContain(method);
    }
  });

  it('shows a challenge and what the spec puts into headers', async () => {
    await using server = await startRegistry({
      cors: '*',
      authorize: () => ({ challenge: 'Basic realm="r"' }),
    });
    const response = await fetch(`${server.url}/v2/`, { headers: { origin: 'https://a.example' } });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
    expect(response.headers.get('access-control-expose-headers')?.toLowerCase().split(', ')).toEqual(
      expect.arrayContaining(
        [
          'Docker-Content-Digest',
          'Location',
          'Link',
          'Range',
          'Content-Range',
          'WWW-Authenticate',
          'Warning',
          'ETag',
          'OCI-Subject',
          'OCI-Tag',
          'OCI-Filters-Applied',
          'OCI-Chunk-Min-Length',
          'OCI-Namespace',
        ].map((name) => name.toLowerCase()),
      ),
    );
  });

  it('names the origin where not all may, and nothing to another one', async () => {
    await using server = await startRegistry({ cors: ['https://a.example', 'http://localhost:3000'] });
    const ask = (origin: string) => fetch(`${server.url}/v2/`, { headers: { origin } });
    const first = await ask('https://a.example');
    expect([first.headers.get('access-control-allow-origin'), first.headers.get('vary')]).toEqual([
      'https://a.example',
      'Origin',
    ]);
    const other = await ask('https://a.example.evil');
    expect([
      other.status,
      other.headers.get('access-control-allow-origin'),
      other.headers.get('vary'),
    ]).toEqual([200, null, 'Origin']);
    const refused = await fetch(`${server.url}/v2/`, {
      method: 'OPTIONS',
      headers: { ...preflight, origin: 'null' },
    });
    expect(refused.headers.has('access-control-allow-methods')).toBe(false);
  });

  it.each(['a.example', 'https://a.example/', 'https://a.example/x', '*', ''])(
    'refuses %j as an origin',
    async (origin) => {
      await expect(createRegistry({ cors: [origin] })).rejects.toMatchObject({
        code: Code.InvalidArgument,
        message: expect.stringContaining('is not an origin'),
      });
    },
  );
});

describe('metrics', () => {
  const scrape = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/metrics`, { headers });
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return parseExposition(await response.text());
  };

  it('counts requests, blobs and bytes in the format of Prometheus', async () => {
    await using server = await startRegistry({ metrics: true });
    expect((await push(server.url)).status).toBe(201);
    await fetch(`${server.url}/v2/b/blobs/uploads/?mount=${digest}&from=a`, { method: 'POST' });
    for (const repository of ['a', 'b']) {
      await (await fetch(`${server.url}/v2/${repository}/blobs/${digest}`)).arrayBuffer();
    }
    await fetch(`${server.url}/v2/a/blobs/uploads/`, { method: 'POST' });
    await fetch(`${server.url}/v2/a"\n\\/manifests/v1`, { method: 'PROPFIND' });
    const index = '{"schemaVersion":2,"manifests":[]}';
    await fetch(`${server.url}/v2/a/manifests/v1`, {
      method: 'PUT',
      body: index,
      headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
    });
    const families = await scrape(server.url);
    const value = (family: string, labels = '', suffix = '') =>
      families.get(family)?.samples.get(`${family}${suffix}{${labels}}`);
    const requests = 'lading_registry_requests_total';
    expect(value(requests, 'method="POST",route="uploads",status="201"')).toBe(2);
    expect(value(requests, 'method="POST",route="uploads",status="202"')).toBe(1);
    expect(value(requests, 'method="GET",route="blob",status="200"')).toBe(2);
    expect(value(requests, 'method="other",route="manifest",status="400"')).toBe(1);
    const durations = 'lading_registry_request_duration_seconds';
    expect(value(durations, 'method="POST",route="uploads"', '_count')).toBe(3);
    for (const [event, count] of [
      ['pushed', 1],
      ['mounted', 1],
      ['pulled', 2],
    ]) {
      expect(value('lading_registry_blobs_total', `event="${event}"`)).toBe(count);
    }
    expect(value('lading_registry_uploads_in_progress')).toBe(1);
    expect(value('lading_registry_requests_in_progress')).toBe(1);
    expect(value('lading_registry_tags')).toBe(1);
    expect(value('lading_registry_manifests')).toBe(1);
    expect(value('lading_registry_errors_total')).toBe(0);
    expect(value('lading_registry_received_bytes_total')).toBeGreaterThan(bytes.length + index.length);
    expect(value('lading_registry_sent_bytes_total')).toBeGreaterThan(2 * bytes.length);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('are for whom the registry lets in, and nowhere unless they are asked for', async () => {
    await using closed = await startRegistry({
      metrics: true,
      authorize: () => ({ challenge: 'Basic realm="r"' }),
    });
    expect((await fetch(`${closed.url}/metrics`)).status).toBe(401);
    await using without = await startRegistry();
    expect(await codeOf(await fetch(`${without.url}/metrics`))).toEqual([404, 'UNSUPPORTED']);
    await using open = await startRegistry({ metrics: true });
    expect(await codeOf(await fetch(`${open.url}/metrics`, { method: 'PUT' }))).toEqual([405, 'UNSUPPORTED']);
  });
});

describe('onRequest', () => {
  it('hears of each request, without what may be secret in it', async () => {
    const records: RequestRecord[] = [];
    await using server = await startRegistry({ onRequest: (record) => records.push(record) });
    await push(server.url);
    await fetch(`${server.url}/v2/a/manifests/v1?token=secret&tag=x`, {
      headers: { authorization: `Basic ${btoa('anna:hidden')}`, 'user-agent': 'test/1' },
    });
    expect(JSON.stringify(records)).not.toMatch(/secret|hidden/);
    expect(records).toMatchObject([
      {
        method: 'POST',
        route: 'uploads',
        status: 201,
        complete: true,
        url: expect.stringContaining(digest.slice(7)),
      },
      {
        method: 'GET',
        route: 'manifest',
        status: 404,
        complete: true,
        url: '/v2/a/manifests/v1?token=REDACTED&tag=x',
        user: 'anna',
        userAgent: 'test/1',
        remoteAddress: '127.0.0.1',
      },
    ]);
    expect(records[0]?.receivedBytes).toBeGreaterThan(bytes.length);
  });

  it('hears of a client that leaves in the middle', async () => {
    const { promise, resolve } = Promise.withResolvers<RequestRecord>();
    await using server = await startRegistry({ onRequest: resolve });
    const { host } = new URL(server.url);
    const [hostname = '', port = ''] = host.split(':');
    const upload = request({
      hostname,
      port,
      method: 'POST',
      path: `/v2/a/blobs/uploads/?digest=${digest}`,
      headers: { 'content-length': '1000' },
    });
    const failed = once(upload, 'error');
    upload.on('socket', (socket) =>
      socket.once('connect', () => upload.write('part', () => upload.destroy())),
    );
    await failed.catch(() => undefined);
    expect(await promise).toMatchObject({ status: 499, complete: false, route: 'uploads' });
  });
});
