// SPDX-License-Identifier: Apache-2.0
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { MediaType } from '@lading/image-spec';
import { htpasswdAuthorize, type RegistryServer, startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256, sha512, temporaryFolder } from './world.ts';

const batches = 5_000;
const batchLength = 10;

const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: MediaType.ImageManifest,
  config: { mediaType: MediaType.ImageConfig, digest: sha256('{}'), size: 2 },
  layers: [],
  subject: { mediaType: MediaType.ImageManifest, digest: sha256('x'), size: 1 },
});
const contents = ['', 'x', '{}', manifest];

/** What a request line or a header can hold at all: bytes that are not in it end the connection. */
const garbage = fc.string({
  unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
});
const encoded = fc.string({ unit: 'binary', maxLength: 10 }).map(encodeURIComponentSafely);
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'a/b', 'blobs/uploads', 'manifests/tags', 'a'.repeat(255)) },
  fc.constantFrom(
    '_uploads',
    'a/_layout',
    '_owner',
    '..',
    'a/..%2f..',
    '%2e%2e',
    'a%00',
    'A',
    'a//b',
    '',
    '__proto__',
  ),
  garbage,
  encoded,
);
const digest = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...contents.flatMap((text) => [sha256(text), sha512(text)])) },
  fc.constantFrom(
    'sha256:..%2f..%2fx',
    `sha256:${'A'.repeat(64)}`,
    'md5:d41d8cd98f00b204e9800998ecf8427e',
    'a:b',
    ':',
  ),
);
const reference = fc.oneof(
  digest,
  fc.constantFrom('v1', 'v2', '.', '%00', 'a'.repeat(129)),
  garbage,
  encoded,
);
const path = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(name, reference).map(([of, what]) => `/v2/${of}/manifests/${what}`) },
  { weight: 3, arbitrary: fc.tuple(name, reference).map(([of, what]) => `/v2/${of}/blobs/${what}`) },
  { weight: 3, arbitrary: name.map((of) => `/v2/${of}/blobs/uploads/`) },
  fc.tuple(name, reference).map(([of, what]) => `/v2/${of}/blobs/uploads/${what}`),
  fc.tuple(name, reference).map(([of, what]) => `/v2/${of}/referrers/${what}`),
  name.map((of) => `/v2/${of}/tags/list`),
  fc.constantFrom('/v2/', '/v2', '/v2/_catalog', '/metrics', '/', '*', '//', 'http://x/v2/', '/v2/%'),
  garbage.map((text) => `/${text}`),
);
const parameter = fc.oneof(
  fc.tuple(fc.constantFrom('digest', 'mount', 'tag', 'last'), fc.oneof(digest, reference)),
  fc.tuple(fc.constantFrom('from'), name),
  fc.tuple(fc.constantFrom('n'), fc.constantFrom('0', '1', '-1', '1e9', '999999999', 'x', '')),
  fc.tuple(
    fc.constantFrom('ns'),
    fc.constantFrom('a.example', 'doc%E2%84%AAer.io', 'docker.io', '', '%0d%0a'),
  ),
  fc.tuple(fc.constantFrom('digest-algorithm'), fc.constantFrom('sha256', 'sha512', 'md5', '__proto__')),
  fc.tuple(fc.constantFrom('artifactType', 'constructor', '%'), encoded),
);
const query = fc
  .array(parameter, { maxLength: 3 })
  .map((all) => (all.length === 0 ? '' : `?${all.map(([key, value]) => `${key}=${value}`).join('&')}`));
const header = fc.oneof(
  fc.tuple(
    fc.constantFrom('Range'),
    fc.constantFrom('bytes=0-', 'bytes=-1', 'bytes=9-1', 'bytes=0-0,1-1', 'x'),
  ),
  fc.tuple(
    fc.constantFrom('Content-Range'),
    fc.constantFrom('0-0', '0-1', 'bytes 0-1/2', '1-0', '9'.repeat(16), 'x'),
  ),
  fc.tuple(
    fc.constantFrom('Content-Type'),
    fc.constantFrom(MediaType.ImageManifest, MediaType.ImageIndex, 'text/html', ';', '\u00ff'),
  ),
  fc.tuple(
    fc.constantFrom('If-Match', 'If-None-Match', 'If-Range'),
    fc.constantFrom('*', `"${sha256('x')}"`, ',', 'W/'),
  ),
  fc.tuple(fc.constantFrom('Origin'), fc.constantFrom('https://a.example', 'null', '\u00ff')),
  fc.tuple(
    fc.constantFrom('Access-Control-Request-Method', 'Expect', 'Upgrade', 'X', 'Cookie', 'Accept'),
    garbage,
  ),
);
interface GarbledRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** What Content-Length says too much. */
  readonly length: number;
  readonly chunked: boolean;
  /** Without a password. */
  readonly stranger: boolean;
}

const request: fc.Arbitrary<GarbledRequest> = fc.record({
  method: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE') },
    fc.constantFrom('OPTIONS', 'TRACE', 'PROPFIND', 'get', 'QUERY', '\u00ff'),
  ),
  path,
  query,
  headers: fc.array(header, { maxLength: 3 }),
  body: fc.oneof(fc.constantFrom(...contents), fc.string({ unit: 'binary' })),
  length: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.integer({ min: -5, max: 5 })),
  chunked: fc.boolean(),
  stranger: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});

function encodeURIComponentSafely(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function textOf({ method, path, query, headers, body, length, chunked, stranger }: GarbledRequest) {
  const bytes = Buffer.from(body).toString('latin1');
  const lines = [
    `${method} ${path}${query} HTTP/1.1`,
    'Host: x',
    ...headers.map(([key, value]) => `${key}: ${value}`),
  ];
  if (!stranger) lines.push(`Authorization: Basic ${btoa('anna:secret')}`);
  if (chunked && bytes.length > 0) {
    return [
      ...lines,
      'Transfer-Encoding: chunked',
      '',
      `${bytes.length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n`,
    ].join('\r\n');
  }
  return [...lines, `Content-Length: ${Math.max(0, bytes.length + length)}`, '', bytes].join('\r\n');
}

/** All that comes back for bytes sent as they are. */
async function answersTo({ url }: RegistryServer, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const parts: string[] = [];
  socket.setEncoding('latin1').on('data', (part: string) => parts.push(part));
  socket.on('error', () => undefined); // a reset is an answer too
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(text, 'latin1');
  await closed;
  return parts.join('');
}

it('no request, however garbled, is answered with 500 or with what is inside', {
  timeout: 240_000,
}, async () => {
  const root = await temporaryFolder();
  const users = join(root, 'users');
  await writeFile(users, 'anna:$2y$04$mpbuNczIzU.ja67vThCune8YjqnWxkQs5CIOWF/RBAkJfp/5AasI.\n');
  const errors: unknown[] = [];
  let answered = 0;
  const options = {
    authorize: await htpasswdAuthorize(users),
    cors: '*',
    metrics: true,
    onError: (error: unknown) => errors.push(error),
    onRequest: () => {
      answered += 1;
    },
  } as const;
  try {
    await using folder = await startRegistry({ ...options, root: join(root, 'folder'), chunkMinLength: 2 });
    await using memory = await startRegistry({ ...options, requireBlobs: true });
    await using client = createRegistryClient({
      tlsVerify: false,
      credentials: () => ({ username: 'anna', password: 'secret' }),
    });
    const proxy = { upstream: folder.host, client, namespaces: [] };
    await using cache = await startRegistry({ ...options, root: join(root, 'cache'), proxy });
    const property = fc.asyncProperty(
      fc.array(request, { minLength: batchLength, maxLength: batchLength }),
      async (all) => {
        const text = all.map(textOf).join('');
        for (const answers of await Promise.all(
          [folder, memory, cache].map((server) => answersTo(server, text)),
        )) {
          expect(answers).not.toMatch(/HTTP\/1\.1 500/);
          expect(answers).not.toContain(root);
          expect(answers).not.toMatch(/node:|\bat .+\.ts:|ENOENT|EISDIR/);
        }
      },
    );
    await fc.assert(property, { numRuns: batches });
    expect(errors).toEqual([]);
    expect(answered).toBeGreaterThan(20_000);
    for (const { url } of [folder, memory, cache]) {
      const headers = { authorization: `Basic ${btoa('anna:secret')}` };
      expect((await fetch(`${url}/v2/`, { headers })).status).toBe(200);
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
