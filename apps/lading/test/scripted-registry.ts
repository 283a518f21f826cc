// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { digestBytes, encodeJson, MediaType } from '@lading/image-spec';

/** A registry that answers what it was told to, right or wrong. */
export interface ScriptedRegistry extends AsyncDisposable {
  readonly host: string;
  /** Answers below `/v2/NAME/`: `manifests/latest`, `blobs/sha256:…`. */
  readonly answers: Map<string, Uint8Array>;
}

export async function startScriptedRegistry(): Promise<ScriptedRegistry> {
  const answers = new Map<string, Uint8Array>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const body = answers.get(path.replace('/v2/', ''));
    if (path === '/v2/') return response.end('{}');
    if (body === undefined) {
      response.statusCode = 404;
      return response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    }
    const manifest = path.includes('/manifests/');
    response.setHeader('content-type', manifest ? MediaType.ImageManifest : 'application/octet-stream');
    response.setHeader('content-length', body.length);
    return response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What is wrong with an image. */
export interface Lies {
  /** Sent in place of the layer's bytes. */
  readonly layer?: (bytes: Uint8Array) => Uint8Array;
  readonly config?: (bytes: Uint8Array) => Uint8Array;
  /** The layer as it is described and sent. */
  readonly compressed?: Uint8Array;
  readonly diffId?: string;
}

/** Puts an image of one layer as `NAME:latest` and resolves to the digest of its manifest. */
export async function putImage(
  registry: ScriptedRegistry,
  name: string,
  tar: Uint8Array,
  lies: Lies = {},
): Promise<string> {
  const layer = lies.compressed ?? gzipSync(tar);
  const config = encodeJson({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'], Labels: { name } },
    rootfs: { type: 'layers', diff_ids: [lies.diffId ?? (await digestBytes(tar))] },
  });
  const layerDigest = await digestBytes(layer);
  const configDigest = await digestBytes(config);
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: { mediaType: MediaType.ImageConfig, digest: configDigest, size: config.length },
    layers: [{ mediaType: MediaType.LayerGzip, digest: layerDigest, size: layer.length }],
  });
  registry.answers.set(`${name}/blobs/${layerDigest}`, lies.layer?.(layer) ?? layer);
  registry.answers.set(`${name}/blobs/${configDigest}`, lies.config?.(config) ?? config);
  registry.answers.set(`${name}/manifests/latest`, manifest);
  return digestBytes(manifest);
}

export interface TarEntry {
  readonly name: string;
  readonly type?: 'file' | 'link' | 'symlink' | 'folder';
  readonly target?: string;
  readonly text?: string;
}

/** A ustar archive; nothing about the names is checked, which is the point. */
export function makeTar(entries: readonly TarEntry[]): Uint8Array {
  const types = { file: '0', link: '1', symlink: '2', folder: '5' };
  const parts = entries.flatMap(({ name, type = 'file', target = '', text = '' }) => {
    const header = Buffer.alloc(512);
    const body = Buffer.from(text);
    header.write(name, 0);
    header.write(type === 'folder' ? '0000755\0' : '0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(types[type], 156);
    header.write(target, 157);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
