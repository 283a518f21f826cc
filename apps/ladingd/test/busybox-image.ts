// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  type Descriptor,
  descriptorOf,
  digestBytes,
  encodeJson,
  MediaType,
  normalizeArchitecture,
} from '@lading/image-spec';

const run = promisify(execFile);
const applets = 'cat echo false hostname httpd id ls mkdir pwd sh sleep tail true'.split(' ');

/** Pushes a small image with busybox to a registry without TLS, under each of the tags; `work` is an empty folder. */
export async function pushBusyboxImage(
  repository: { readonly host: string; readonly name: string; readonly token?: string },
  tags: readonly string[],
  work: string,
): Promise<void> {
  const url = `http://${repository.host}/v2/${repository.name}`;
  const send = sender(repository.token);
  const tar = await layerTar(work);
  const created = '2026-01-02T03:04:05Z';
  const config = encodeJson({
    created,
    architecture: normalizeArchitecture(process.arch),
    os: 'linux',
    config: { Env: ['PATH=/bin', 'FROM_IMAGE=yes'], Cmd: ['sleep', '1000'], StopSignal: 'SIGINT' },
    rootfs: { type: 'layers', diff_ids: [await digestBytes(tar)] },
    history: [{ created, created_by: 'test' }],
  });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: await pushBlob(send, url, MediaType.ImageConfig, config),
    layers: [await pushBlob(send, url, MediaType.LayerGzip, gzipSync(tar))],
  });
  for (const tag of tags) await send(`${url}/manifests/${tag}`, 'PUT', manifest, MediaType.ImageManifest);
}

async function layerTar(work: string): Promise<Uint8Array> {
  if (!existsSync('/bin/busybox')) throw new Error('/bin/busybox is missing: apt-get install busybox-static');
  const root = join(work, 'rootfs');
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'srv']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await copyFile('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nweb:x:33:34::/srv:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nweb:x:34:\nlog:x:40:web\n');
  const file = join(work, 'layer.tar');
  await run('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', root, '-cf', file, '.']);
  return readFile(file);
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
