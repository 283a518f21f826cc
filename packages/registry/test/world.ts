// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaType } from '@lading/image-spec';
import { type RegistryServer, type StartRegistryOptions, startRegistry } from '@lading/registry';
import { expect } from 'vitest';

type Bytes = string | Uint8Array;

/** A registry for one test, and what its tests say to it. */
export interface World extends AsyncDisposable {
  readonly server: RegistryServer;
  /** Undefined in memory. */
  readonly root: string | undefined;
  readonly ask: Ask;
  /** Pushes a blob and gives its descriptor. */
  put(repository: string, bytes: Bytes): Promise<{ mediaType: string; digest: string; size: number }>;
  /** The location of a new upload. */
  begin(repository: string, query?: string): Promise<string>;
  /** Pushes an image with a config of its own and gives its digest; `extra` are members of its manifest. */
  image(repository: string, reference: string, extra?: object): Promise<string>;
}

export type Ask = (
  method: string,
  path: string,
  body?: Bytes,
  headers?: Record<string, string>,
) => Promise<Response>;

export const kinds = [
  { name: 'in memory', onFolder: false },
  { name: 'on a folder', onFolder: true },
] as const;

export const oci: { readonly 'content-type': string } = { 'content-type': MediaType.ImageManifest };
export const sha256 = (bytes: Bytes): string => digestOf('sha256', bytes);
export const sha512 = (bytes: Bytes): string => digestOf('sha512', bytes);

function digestOf(algorithm: string, bytes: Bytes): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'lading-registry-'));
}

export async function openWorld(onFolder: boolean, options: StartRegistryOptions = {}): Promise<World> {
  const root = onFolder ? await temporaryFolder() : undefined;
  const server = await startRegistry({ root, ...options });
  const world = talkTo(server.url);
  return {
    server,
    root,
    ...world,
    async [Symbol.asyncDispose]() {
      await server.close();
      if (root !== undefined) await rm(root, { recursive: true, force: true });
    },
  };
}

/** Talks to a registry that another process may run. */
export function talkTo(url: string): Pick<World, 'ask' | 'put' | 'begin' | 'image'> {
  const ask: Ask = (method, path, body, headers = {}) =>
    fetch(new URL(path, url), {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
  const put: World['put'] = async (repository, bytes) => {
    const response = await ask('POST', `/v2/${repository}/blobs/uploads/?digest=${sha256(bytes)}`, bytes);
    expect(response.status).toBe(201);
    const size = Buffer.byteLength(bytes);
    return { mediaType: MediaType.ImageConfig, digest: sha256(bytes), size };
  };
  return {
    ask,
    put,
    async begin(repository, query = '') {
      const response = await ask('POST', `/v2/${repository}/blobs/uploads/${query}`);
      expect(response.status).toBe(202);
      return response.headers.get('location') ?? '';
    },
    async image(repository, reference, extra = {}) {
      const config = await put(repository, JSON.stringify({ os: 'linux', for: reference }));
      const text = JSON.stringify({
        schemaVersion: 2,
        mediaType: MediaType.ImageManifest,
        config,
        layers: [],
        ...extra,
      });
      const path = `/v2/${repository}/manifests/${reference === '' ? sha256(text) : reference}`;
      expect((await ask('PUT', path, text, oci)).status).toBe(201);
      return sha256(text);
    },
  };
}

/** Status and code of the first error. */
export async function codeOf(response: Response): Promise<[number, string | undefined]> {
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  return [response.status, errors[0]?.code];
}
