// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import {
  type Descriptor,
  descriptorOf,
  digestBytes,
  encodeJson,
  MediaType,
  normalizeArchitecture,
} from '@lading/image-spec';

/** A repository of a registry without TLS. */
export interface Repository {
  readonly host: string;
  readonly name: string;
  readonly token?: string;
}

/** What an image runs when nothing else is asked for. */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly StopSignal?: string;
  readonly WorkingDir?: string;
}

/** Pushes an image of these layers, each an archive, under each of the tags. */
export async function pushImage(
  repository: Repository,
  tags: readonly string[],
  layers: readonly Uint8Array[],
  config: ImageConfig,
): Promise<void> {
  const url = `http://${repository.host}/v2/${repository.name}`;
  const send = sender(repository.token);
  const created = '2026-01-02T03:04:05Z';
  const diffIds: string[] = [];
  const descriptors: Descriptor[] = [];
  for (const layer of layers) {
    diffIds.push(await digestBytes(layer));
    const compressed = gzipSync(layer, { level: 1 });
    descriptors.push(await pushBlob(send, url, MediaType.LayerGzip, compressed));
  }
  const document = encodeJson({
    created,
    architecture: normalizeArchitecture(process.arch),
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: layers.map(() => ({ created, created_by: 'test' })),
  });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: await pushBlob(send, url, MediaType.ImageConfig, document),
    layers: descriptors,
  });
  for (const tag of tags) await send(`${url}/manifests/${tag}`, 'PUT', manifest, MediaType.ImageManifest);
}

async function pushBlob(send: Send, url: string, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
  const descriptor = await descriptorOf(mediaType, bytes);
  const start = await send(`${url}/blobs/uploads/`, 'POST');
  const location = new URL(start.headers.get('location') ?? '', url);
  location.searchParams.set('digest', descriptor.digest);
  await send(location.href, 'PUT', bytes, 'application/octet-stream');
  return descriptor;
}

type Send = (url: string, method: string, body?: Uint8Array, type?: string) => Promise<Response>;

function sender(token: string | undefined): Send {
  return async (url, method, body, type) => {
    const response = await fetch(url, {
      method,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      headers: {
        ...(type !== undefined && { 'content-type': type }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
    return response;
  };
}
