// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { busyboxLayer } from './busybox-image.ts';
import { packFolder } from './pack-folder.ts';
import { pushImage, type Repository } from './push-image.ts';

const run = promisify(execFile);
const program = '/usr/sbin/nginx';

const configuration = `
user web;
worker_processes 2;
pid /run/nginx.pid;
error_log /dev/stderr;
events {}
http {
  access_log /dev/stdout;
  root /srv;
  server {
    listen 80;
    listen 127.0.0.1:8080;
    location = /healthz { return 200 "fine\\n"; }
    location = /broken { return 503 "broken\\n"; }
  }
}
`;

/** Pushes an image of Debian's nginx with the libraries that it needs, over busybox for a shell. */
export async function pushNginxImage(repository: Repository, work: string): Promise<void> {
  if (!existsSync(program)) throw new Error(`${program} is missing: apt-get install nginx-light`);
  const root = join(work, 'nginx');
  for (const folder of ['run', 'srv', 'etc/nginx', 'var/log/nginx', 'var/lib/nginx']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  for (const path of [program, ...(await librariesOf(program))]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
  await writeFile(join(root, 'etc/nginx/nginx.conf'), configuration);
  await writeFile(join(root, 'srv/index.html'), 'a page of nginx\n');
  await pushImage(repository, ['latest'], [await busyboxLayer(work), await packFolder(root)], {
    Env: ['PATH=/usr/sbin:/bin'],
    Cmd: ['nginx', '-g', 'daemon off;'],
    StopSignal: 'SIGQUIT',
  });
}

/** Those that the dynamic linker finds, and itself. */
async function librariesOf(path: string): Promise<readonly string[]> {
  const { stdout } = await run('ldd', [path]);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => library);
}
