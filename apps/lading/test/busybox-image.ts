// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { digestBytes, encodeJson, MediaType } from '@lading/image-spec';

const exec = promisify(execFile);

const applets = 'cat echo env false hostname id ip ls mount nc ps pwd seq sh sleep touch true wget'.split(
  ' ',
);

/** Pushes a small image with busybox to a registry at `http://HOST`; `dir` is a folder for the work. */
export async function pushBusybox(host: string, repository: string, dir: string): Promise<void> {
  const tar = await layerTar(dir);
  const layer = gzipSync(tar);
  const config = encodeJson({
    created: '2026-01-02T03:04:05Z',
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin', 'FROM_IMAGE=yes'], Cmd: ['sh'], Labels: { purpose: 'test' } },
    rootfs: { type: 'layers', diff_ids: [await digestBytes(tar)] },
    history: [{ created: '2026-01-02T03:04:05Z', created_by: 'test' }],
  });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: await pushBlob(host, repository, config, MediaType.ImageConfig),
    layers: [await pushBlob(host, repository, layer, MediaType.LayerGzip)],
  });
  await request(`http://${host}/v2/${repository}/manifests/latest`, 'PUT', manifest, MediaType.ImageManifest);
}

async function layerTar(dir: string): Promise<Uint8Array> {
  const busybox = '/bin/busybox';
  await access(busybox).catch((cause: unknown) => {
    throw new Error('no /bin/busybox: install the Debian package busybox-static', { cause });
  });
  const root = join(dir, 'rootfs');
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await copyFile(busybox, join(root, 'bin/busybox'));
  for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nguest:x:1000:1000::/tmp:/bin/sh\n');
  const file = join(dir, 'layer.tar');
  await exec('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', root, '-cf', file, '.']);
  return readFile(file);
}

async function pushBlob(host: string, repository: string, bytes: Uint8Array, mediaType: string) {
  const digest = await digestBytes(bytes);
  const start = await request(`http://${host}/v2/${repository}/blobs/uploads/`, 'POST');
  const location = new URL(start.headers.get('location') ?? '', `http://${host}`);
  location.searchParams.set('digest', digest);
  await request(location.href, 'PUT', bytes, 'application/octet-stream');
  return { mediaType, digest, size: bytes.length };
}

async function request(url: string, method: string, body?: Uint8Array, type?: string): Promise<Response> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
  return response;
}
