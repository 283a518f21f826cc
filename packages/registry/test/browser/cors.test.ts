// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { startRegistry } from '@lading/registry';
import { expect, it } from 'vitest';
import { runInChromium } from '../../../../tools/test-support/chromium.ts';

const page = `
  export default async ({ url, blob, authorization }) => {
    const headers = { authorization };
    const manifest = await fetch(url + '/v2/web/manifests/v1', { headers });
    const part = await fetch(url + '/v2/web/blobs/' + blob, { headers: { ...headers, range: 'bytes=2-5' } });
    const asked = await fetch(url + '/v2/');
    const begun = await fetch(url + '/v2/web/blobs/uploads/', { method: 'POST', headers });
    const wrong = await fetch(url + '/v2/web/manifests/v2', { method: 'DELETE', headers });
    return {
      manifest: [manifest.status, await manifest.text(), manifest.headers.get('docker-content-digest')],
      part: [part.status, await part.text(), part.headers.get('content-range')],
      asked: [asked.status, asked.headers.get('www-authenticate')],
      begun: [begun.status, begun.headers.get('location') !== null],
      wrong: wrong.status,
    };
  };
`;
const text = '{"schemaVersion":2,"manifests":[]}';
const digestOf = (bytes: string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const authorization = 'Basic YW5uYTpzZWNyZXQ=';

it('lets a page of another origin read a manifest and a part of a blob, and push', async () => {
  await using registry = await startRegistry({
    cors: '*',
    authorize: ({ headers }) =>
      headers.authorization === authorization ? undefined : { challenge: 'Basic realm="test"' },
  });
  const blob = digestOf('0123456789');
  const push = (path: string, method: string, body: string, type: string) =>
    fetch(registry.url + path, { method, body, headers: { authorization, 'content-type': type } });
  await push(`/v2/web/blobs/uploads/?digest=${blob}`, 'POST', '0123456789', 'application/octet-stream');
  await push('/v2/web/manifests/v1', 'PUT', text, 'application/vnd.oci.image.index.v1+json');
  const seen = await runInChromium(page, import.meta.dirname, { url: registry.url, blob, authorization });
  expect(seen).toEqual({
    manifest: [200, text, digestOf(text)],
    part: [206, '2345', 'bytes 2-5/10'],
    asked: [401, 'Basic realm="test"'],
    begun: [202, true],
    wrong: 404,
  });
});

it('keeps pages of other origins out where their origin is not named', async () => {
  await using registry = await startRegistry({ cors: ['https://a.example'] });
  const refused = await runInChromium(
    "export default (url) => fetch(url + '/v2/').then(() => 'read', (error) => error.name)",
    import.meta.dirname,
    registry.url,
  );
  expect(refused).toBe('TypeError');
});
