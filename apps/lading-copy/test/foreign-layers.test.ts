// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { makeTestImage, type TestImage } from '@lading/image-copy/conformance';
import { type Digest, MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ladingCopy, makeFolder, tool } from './world.ts';

/** A layer that no registry has and a web server does, at /layer; /damaged is as long, and another. */
let image: TestImage;
let web: string;
let seen: { readonly path: string; readonly authorization: string | undefined }[];
let host: string;
let other: string;
const login = { username: 'me', password: 'secret' };
const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
const open = new AsyncDisposableStack();

beforeAll(async () => {
  image = await makeTestImage({ seed: 'foreign' });
  const { layers } = JSON.parse(Buffer.from(image.top.bytes).toString());
  const layer = Buffer.from(image.blobs.get(layers[0].digest) ?? []);
  const bodies: Readonly<Record<string, Uint8Array>> = {
    '/layer': layer,
    '/layer.gz': layer,
    '/damaged': layer.toReversed(),
  };
  const server = createServer(({ url = '', headers }, response) => {
    seen.push({ path: url, authorization: headers.authorization });
    // As servers say of files that end in .gz.
    if (url.endsWith('.gz')) response.setHeader('content-encoding', 'gzip');
    const body = bodies[url];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  open.defer(async () => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  web = `http://127.0.0.1:${address.port}`;
  const authorize = ({ headers }: { headers: { authorization?: string | undefined } }) =>
    headers.authorization === authorization ? undefined : { challenge: 'Basic realm="registry"' };
  host = open.use(await startRegistry({ authorize })).host;
  other = open.use(await startRegistry()).host;
});
afterAll(() => open.disposeAsync());
beforeEach(() => {
  seen = [];
});

/** Puts the image into the registry without its first layer, which is at some paths of the web server. */
async function push(paths: readonly string[], name: string): Promise<string> {
  await using client = createRegistryClient({ tlsVerify: false, credentials: async () => login });
  const { blobs, manifests } = client.repository({ host, repository: name });
  const { config, layers, ...rest } = JSON.parse(Buffer.from(image.top.bytes).toString());
  const [first, ...others] = layers;
  const bytesOf = (digest: Digest) =>
    async function* (): AsyncGenerator<Uint8Array> {
      yield image.blobs.get(digest) ?? new Uint8Array();
    };
  for (const one of [config, ...others]) await blobs.push(one, bytesOf(one.digest));
  const urls = paths.map((path) => (path.startsWith('/') ? `${web}${path}` : path));
  const foreign = { ...first, mediaType: MediaType.LayerNondistributableGzip, urls };
  const bytes = Buffer.from(JSON.stringify({ ...rest, config, layers: [foreign, ...others] }));
  await manifests.push(bytes, { mediaType: MediaType.ImageManifest, tag: '1' });
  return `docker://${host}/${name}:1`;
}

interface Tried {
  readonly code: number;
  readonly asked: readonly string[];
}

const cases: readonly (readonly [string, readonly string[], Tried])[] = [
  ['its URL', ['/layer'], { code: 0, asked: ['/layer'] }],
  ['the second where the first has none', ['/none', '/layer'], { code: 0, asked: ['/none', '/layer'] }],
  ['those that are for the web alone', ['ftp://a.net/layer', '/layer'], { code: 0, asked: ['/layer'] }],
  ['one that has another layer, and refused', ['/damaged'], { code: 1, asked: ['/damaged'] }],
  ['where there is none', ['/none'], { code: 1, asked: ['/none'] }],
  ['nowhere on the web', ['ftp://a.net/layer'], { code: 1, asked: [] }],
];

describe('a layer that is kept elsewhere', () => {
  it.each(cases)('is fetched from %s, as by skopeo', async (_name, paths, expected) => {
    const cwd = await makeFolder();
    const source = await push(paths, 'f/app');
    const copies = async (argv: readonly string[]): Promise<void> => {
      for (const run of [ladingCopy, (at: string, args: readonly string[]) => tool(at, 'skopeo', args)]) {
        seen = [];
        await rm(join(cwd, 'from-archive.tar'), { force: true }); // skopeo changes none
        const { code, stderr } = await run(cwd, ['--insecure-policy', 'copy', '-q', ...argv]);
        expect({ code, asked: seen.map(({ path }) => path) }, stderr).toEqual(expected);
      }
    };
    const registry = ['--src-tls-verify=false', '--src-creds=me:secret', source];
    await copies([...registry, 'dir:from-registry']);
    await ladingCopy(cwd, ['--insecure-policy', 'copy', '-q', ...registry, 'oci:layout:1']);
    await copies(['oci:layout:1', 'dir:from-layout']);
    await ladingCopy(cwd, ['--insecure-policy', 'copy', '-q', 'oci:layout:1', 'oci-archive:archive.tar:1']);
    await copies(['oci-archive:archive.tar:1', 'docker-archive:from-archive.tar:a.net/b:1']);
    const validated = await ladingCopy(cwd, ['validate', '--tls-verify=false', '--creds=me:secret', source]);
    expect(validated.code, validated.stderr).toBe(expected.code);
  });

  it('is not fetched where it may stay there', async () => {
    const cwd = await makeFolder();
    const source = await push(['/layer'], 'f/app');
    const read = ['--src-tls-verify=false', '--src-creds=me:secret', source];
    for (const destination of ['oci:layout:1', `docker://${other}/f/app:1`]) {
      const argv = ['--insecure-policy', 'copy', '-q', '--dest-tls-verify=false', ...read, destination];
      expect((await ladingCopy(cwd, argv)).code).toBe(0);
    }
    expect(seen).toEqual([]);
  });

  it('is fetched without the login of the registry, and is what the server has, whatever it says of it', async () => {
    const cwd = await makeFolder();
    const source = await push(['/layer.gz'], 'f/app');
    const argv = ['--insecure-policy', 'copy', '-q', '--src-tls-verify=false', '--src-creds=me:secret'];
    expect((await ladingCopy(cwd, [...argv, source, 'dir:out'])).code).toBe(0);
    expect(seen).toEqual([{ path: '/layer.gz', authorization: undefined }]);
  });
});
