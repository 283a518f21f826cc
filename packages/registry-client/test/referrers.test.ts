// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import { Code } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  digestBytes,
  EmptyDescriptor,
  encodeJson,
  MediaType,
  parseIndex,
} from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient, type Repository } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { pushImage, randomImage, sourceOf } from './image.ts';
import { eagerRetry, startScripted } from './scripted-server.ts';

const image = await randomImage(1000);
const mediaType = MediaType.ImageManifest;
const subject = { mediaType, digest: await digestBytes(image.manifest), size: image.manifest.length };
const tag = subject.digest.replace(':', '-');
const sbom = 'application/spdx+json';
const signature = 'application/vnd.example.signature';

function artifact(artifactType: string, note = 'x', of: Descriptor = subject): Uint8Array {
  return encodeJson({
    schemaVersion: 2,
    mediaType,
    artifactType,
    config: EmptyDescriptor,
    layers: [EmptyDescriptor],
    subject: of,
    annotations: { note },
  });
}

async function attach(repository: Repository, artifactType: string, note?: string): Promise<Descriptor> {
  const pushed = await repository.manifests.push(artifact(artifactType, note), { mediaType });
  return { ...pushed, artifactType, annotations: { note: note ?? 'x' } };
}

async function pushSubject(repository: Repository): Promise<void> {
  await pushImage(repository, image, 'v1');
  await repository.blobs.push(EmptyDescriptor, sourceOf(encodeJson({})));
}

function list(repository: Repository, artifactType?: string): Promise<Descriptor[]> {
  return Array.fromAsync(repository.referrers(subject.digest, { artifactType }));
}

const byDigest = (a: Descriptor, b: Descriptor) => (a.digest < b.digest ? -1 : 1);

describe.each([
  { name: 'lading-registry, which keeps the list', start: () => startRegistry(), api: true },
  { name: "Debian's docker-registry, which keeps none", start: () => startDockerRegistry(), api: false },
])('referrers at $name', ({ start, api }) => {
  it('are listed with type and annotations, all or of one type', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushSubject(repository);
    expect(await list(repository)).toEqual([]);
    const one = await attach(repository, sbom);
    const two = await attach(repository, signature);
    expect((await list(repository)).toSorted(byDigest)).toEqual([one, two].toSorted(byDigest));
    expect(await list(repository, sbom)).toEqual([one]);
    expect(await list(repository, 'application/none')).toEqual([]);
    const tags = (await Array.fromAsync(repository.tags())).toSorted();
    expect(tags).toEqual(api ? ['v1'] : [tag, 'v1']);
  });

  it('are listed once however often they are pushed', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushSubject(repository);
    const one = await attach(repository, sbom);
    await attach(repository, sbom);
    expect(await list(repository)).toEqual([one]);
  });

  it('are all listed when they are pushed at once', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushSubject(repository);
    const notes = Array.from({ length: 12 }, (_, i) => `note ${i}`);
    const pushed = await Promise.all(notes.map((note) => attach(repository, sbom, note)));
    expect((await list(repository)).toSorted(byDigest)).toEqual(pushed.toSorted(byDigest));
  });

  it('are not listed any more when they are deleted', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushSubject(repository);
    const one = await attach(repository, sbom);
    const two = await attach(repository, signature);
    // Another client does not know yet which kind of registry it is.
    await using other = createRegistryClient({ tlsVerify: false });
    await other.repository(`${registry.host}/demo`).manifests.delete(one.digest);
    expect(await list(repository)).toEqual([two]);
    await repository.manifests.delete(two.digest);
    expect(await list(repository)).toEqual([]);
  });

  it('of what is not there are none', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    expect(await list(client.repository(`${registry.host}/none`))).toEqual([]);
  });
});

/** A registry in memory with manifests alone. Without the referrers API, unless a test answers for it. */
async function startTagRegistry(
  options: {
    readonly etags?: boolean;
    /** Runs before a PUT of the list is stored. */
    readonly beforePut?: (lists: Map<string, Uint8Array>, count: number) => void;
    readonly referrers?: (response: ServerResponse, path: string) => void;
  } = {},
) {
  const stored = new Map<string, Uint8Array>();
  const etagOf = (bytes: Uint8Array | undefined) =>
    bytes === undefined ? undefined : `"${Buffer.from(bytes).toString('base64').slice(-20)}${bytes.length}"`;
  let puts = 0;
  const server = await startScripted((request, response) => {
    const { method, url = '', headers } = request;
    const reference = url.split('/').at(-1) ?? '';
    if (url.includes('/referrers/')) {
      if (options.referrers !== undefined) return options.referrers(response, url);
      return void response.writeHead(404).end('404 page not found');
    }
    if (method === 'GET') {
      const bytes = stored.get(reference);
      if (bytes === undefined) return void response.writeHead(404).end();
      const type = reference === tag ? MediaType.ImageIndex : mediaType;
      const etag = options.etags === true ? { etag: etagOf(bytes) ?? '' } : {};
      return void response.writeHead(200, { 'content-type': type, ...etag }).end(bytes);
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (reference === tag) {
        puts += 1;
        options.beforePut?.(stored, puts);
        const current = etagOf(stored.get(tag));
        const wrong =
          (headers['if-match'] !== undefined && headers['if-match'] !== current) ||
          (headers['if-none-match'] === '*' && current !== undefined);
        if (options.etags === true && wrong) return void response.writeHead(412).end();
      }
      stored.set(reference, Buffer.concat(chunks));
      return void response.writeHead(201).end();
    });
  });
  return { ...server, stored, puts: () => puts, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function indexOf(...manifests: Descriptor[]): Uint8Array {
  return encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests });
}

const stranger = await descriptorOf(mediaType, new Uint8Array([1]));

describe('a list that clients keep', () => {
  it.each([
    { name: 'meanwhile, by If-Match', etags: true, puts: 2 },
    { name: 'before, where there are no ETags', etags: false, puts: 1 },
  ])('keeps what another client wrote $name', async ({ etags, puts }) => {
    await using server = await startTagRegistry({
      etags,
      beforePut(stored, count) {
        if (etags && count === 1) stored.set(tag, indexOf(stranger));
      },
    });
    if (!etags) server.stored.set(tag, indexOf(stranger));
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const pushed = await attach(client.repository(`${server.host}/demo`), sbom);
    expect(parseIndex(server.stored.get(tag) ?? '').manifests).toEqual([stranger, pushed]);
    expect(server.puts()).toBe(puts);
  });

  it('is written again when another client wrote over it', async () => {
    await using server = await startTagRegistry({
      // Before the second writing nothing is left of the first.
      beforePut: (stored, count) =>
        void (count === 1 && setImmediate(() => stored.set(tag, indexOf(stranger)))),
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const pushed = await attach(client.repository(`${server.host}/demo`), sbom);
    expect(parseIndex(server.stored.get(tag) ?? '').manifests).toEqual([stranger, pushed]);
    expect(server.puts()).toBe(2);
  });

  it('is Aborted when others change it without an end', async () => {
    await using server = await startTagRegistry({
      etags: true,
      beforePut: (stored, count) =>
        void stored.set(tag, indexOf({ ...stranger, annotations: { count: String(count) } })),
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    await expect(attach(client.repository(`${server.host}/demo`), sbom)).rejects.toMatchObject({
      code: Code.Aborted,
      reason: 'CONFLICT',
    });
    expect(server.puts()).toBeLessThan(15);
  });

  it('keeps members of the list that it does not know', async () => {
    await using server = await startTagRegistry();
    const { schemaVersion, mediaType: type } = parseIndex(indexOf());
    server.stored.set(tag, encodeJson({ schemaVersion, mediaType: type, manifests: [stranger], 'x.y': 1 }));
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    await attach(client.repository(`${server.host}/demo`), sbom);
    expect(JSON.parse(new TextDecoder().decode(server.stored.get(tag)))).toMatchObject({ 'x.y': 1 });
  });

  it('is not made where something else has its tag', async () => {
    await using server = await startTagRegistry();
    server.stored.set(tag, image.manifest);
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const repository = client.repository(`${server.host}/demo`);
    await expect(attach(repository, sbom)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:failed_precondition|data_loss)$/),
    });
    expect(server.puts()).toBe(0);
  });

  it('is asked for once the API has shown to be missing, without asking for that again', async () => {
    await using server = await startTagRegistry();
    server.stored.set(tag, indexOf(stranger));
    await using client = createRegistryClient({ tlsVerify: false });
    for (let i = 0; i < 3; i++) {
      expect(await list(client.repository(`${server.host}/demo`))).toEqual([stranger]);
    }
    expect(server.requests.filter(({ path }) => path.includes('/referrers/'))).toHaveLength(1);
  });

  it.each<{ name: string; answer: (response: ServerResponse) => void }>([
    {
      name: 'an HTML page',
      answer: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    },
    {
      name: 'another JSON',
      answer: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":[]}'),
    },
    { name: 'nothing', answer: (response) => response.writeHead(200).end() },
    { name: '405', answer: (response) => response.writeHead(405).end() },
  ])('is read where the API answers with $name', async ({ answer }) => {
    await using server = await startTagRegistry({ referrers: answer });
    server.stored.set(tag, indexOf(stranger));
    await using client = createRegistryClient({ tlsVerify: false });
    expect(await list(client.repository(`${server.host}/demo`))).toEqual([stranger]);
  });
});

describe('the list of a registry', () => {
  const good = { ...stranger, artifactType: sbom };
  const other = { ...stranger, digest: `sha256:${'b'.repeat(64)}` as Digest, artifactType: signature };
  const answer = (response: ServerResponse, headers: object, ...manifests: Descriptor[]) =>
    void response
      .writeHead(200, { 'content-type': MediaType.ImageIndex, ...headers })
      .end(indexOf(...manifests));

  it.each([
    { name: 'filtered here where the registry did not', headers: {}, expected: [good] },
    {
      name: 'taken as it is where the registry says that it filtered',
      headers: { 'oci-filters-applied': 'other, artifactType' },
      expected: [good, other],
    },
  ])('is $name', async ({ headers, expected }) => {
    await using server = await startTagRegistry({
      referrers: (response) => answer(response, headers, good, other),
    });
    await using client = createRegistryClient({ tlsVerify: false });
    expect(await list(client.repository(`${server.host}/demo`), sbom)).toEqual(expected);
    expect(server.requests[0]?.path).toBe(
      `/v2/demo/referrers/${subject.digest}?artifactType=application%2Fspdx%2Bjson`,
    );
  });

  it('comes in pages', async () => {
    await using server = await startTagRegistry({
      referrers: (response, path) =>
        path.includes('page=2')
          ? answer(response, {}, other)
          : answer(response, { link: `<${path}?page=2>; rel="next"` }, good),
    });
    await using client = createRegistryClient({ tlsVerify: false });
    expect(await list(client.repository(`${server.host}/demo`))).toEqual([good, other]);
  });

  it('with faults is an error, and no reason to look elsewhere', async () => {
    await using server = await startTagRegistry({
      referrers: (response) => answer(response, {}, { ...good, size: -1 }),
    });
    await using client = createRegistryClient({ tlsVerify: false });
    await expect(list(client.repository(`${server.host}/demo`))).rejects.toMatchObject({
      code: Code.Internal,
      reason: 'UNEXPECTED_RESPONSE',
    });
  });

  it('that the registry has taken note of is not kept by the client as well', async () => {
    await using server = await startScripted((request, response) =>
      request.resume().on('end', () => response.writeHead(201, { 'oci-subject': subject.digest }).end()),
    );
    await using client = createRegistryClient({ tlsVerify: false });
    await attach(client.repository(`${server.host}/demo`), sbom);
    expect(server.requests).toHaveLength(1);
  });
});
