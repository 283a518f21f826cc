// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packFolder } from './pack-folder.ts';
import { pushImage, type Repository } from './push-image.ts';

const applets = 'cat echo false hostname httpd id ls mkdir pwd sh sleep tail true'.split(' ');

/** Pushes a small image with busybox to a registry without TLS, under each of the tags; `work` is an empty folder. */
export async function pushBusyboxImage(
  repository: Repository,
  tags: readonly string[],
  work: string,
): Promise<void> {
  await pushImage(repository, tags, [await busyboxLayer(work)], {
    Env: ['PATH=/bin', 'FROM_IMAGE=yes'],
    Cmd: ['sleep', '1000'],
    StopSignal: 'SIGINT',
  });
}

/** The archive of busybox with the names of some of its programs. */
export async function busyboxLayer(work: string): Promise<Uint8Array> {
  if (!existsSync('/bin/busybox')) throw new Error('/bin/busybox is missing: apt-get install busybox-static');
  const root = join(work, 'rootfs');
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'srv']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await copyFile('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nweb:x:33:34::/srv:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nweb:x:34:\nlog:x:40:web\n');
  return packFolder(root);
}
