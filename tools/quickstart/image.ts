// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Descriptor,
  descriptorOf,
  encodeJson,
  MediaType,
  normalizeArchitecture,
} from '@lading/image-spec';
import { writeLayer } from '@lading/layer';
import { createRegistryClient } from '@lading/registry-client';

/** A root file system with the host's static busybox and a link for each of its commands. */
async function makeRootfs(folder: string): Promise<void> {
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
  if (busybox === undefined) throw new Error('busybox is missing: apt-get install busybox-static');
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'var']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await chmod(join(folder, 'tmp'), 0o1777);
  await copyFile(busybox, join(folder, 'bin/busybox'));
  await chmod(join(folder, 'bin/busybox'), 0o755);
  const { stdout } = await promisify(execFile)(busybox, ['--list']);
  for (const command of stdout.split('\n')) {
    if (command !== '' && command !== 'busybox') await symlink('busybox', join(folder, 'bin', command));
  }
  await writeFile(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  );
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
}

/**
 * Makes an image in code (a layer from a folder, a config, a manifest) and pushes it.
 *
 * @param reference where to, in the strict form `host:port/repository:tag`
 * @param work an empty folder for the root file system and the layer
 */
export async function pushBusyboxImage(
  reference: { host: string; repository: string; tag: string },
  work: string,
): Promise<{ manifest: Descriptor; layer: Descriptor }> {
  const rootfs = join(work, 'rootfs');
  await makeRootfs(rootfs);
  const file = join(work, 'layer.tar.gz');
  const layer = await writeLayer(rootfs, file, { compression: 'gzip', mtime: new Date(0) });

  const created = new Date().toISOString();
  const config = encodeJson({
    created,
    architecture: normalizeArchitecture(process.arch),
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, created_by: 'lading quickstart' }],
  });
  const configDescriptor = await descriptorOf(MediaType.ImageConfig, config);
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: configDescriptor,
    layers: [layer.descriptor],
  });

  await using client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository(reference);
  await Promise.all([
    repository.blobs.push(layer.descriptor, () => createReadStream(file)),
    repository.blobs.push(configDescriptor, async function* () {
      yield config;
    }),
  ]);
  return {
    manifest: await repository.manifests.push(manifest, {
      mediaType: MediaType.ImageManifest,
      tag: reference.tag,
    }),
    layer: layer.descriptor,
  };
}
