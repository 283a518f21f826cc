// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packFolder } from './pack-folder.ts';
import { pushImage, type Repository } from './push-image.ts';

const run = promisify(execFile);

/**
 * Pushes a root file system of Debian: what is essential with all that it needs, as the packages of this machine have
 * it, and their database. debootstrap makes the same in minutes.
 *
 * @returns the names of its packages
 */
export async function pushDebianImage(repository: Repository, work: string): Promise<readonly string[]> {
  const packages = await essentialPackages();
  await mkdir(work, { recursive: true });
  const names = [...packages.keys()];
  const status = [...packages.values()].join('\n\n');
  const layers = [await packageFiles(names, work), await whatScriptsMake(`${status}\n`, join(work, 'made'))];
  await pushImage(repository, ['latest'], layers, { Env: ['PATH=/usr/sbin:/usr/bin'], Cmd: ['bash'] });
  return names;
}

/** The entries in dpkg's database of what it takes for essential, and of what that depends on, as far as it is installed. */
async function essentialPackages(): Promise<ReadonlyMap<string, string>> {
  const database = await readFile('/var/lib/dpkg/status', 'utf8');
  const installed = new Map<string, string>();
  const providers = new Map<string, string>();
  for (const entry of database.split('\n\n')) {
    const [name] = namesIn('Package', entry);
    if (name === undefined || !entry.includes('\nStatus: install ok installed\n')) continue;
    installed.set(name, entry);
    for (const other of namesIn('Provides', entry)) providers.set(other, name);
  }
  const wanted = [...installed]
    .filter(([, entry]) => entry.includes('\nEssential: yes\n'))
    .map(([name]) => name);
  const found = new Map<string, string>();
  for (let asked = wanted.pop(); asked !== undefined; asked = wanted.pop()) {
    const name = installed.has(asked) ? asked : (providers.get(asked) ?? '');
    const entry = installed.get(name);
    if (entry === undefined || found.has(name)) continue;
    found.set(name, entry);
    wanted.push(...namesIn('Pre-Depends', entry), ...namesIn('Depends', entry));
  }
  return found;
}

/** Names of packages in a field of an entry. */
function namesIn(field: string, entry: string): readonly string[] {
  const list = new RegExp(`^${field}: (.*)$`, 'm').exec(entry)?.[1] ?? '';
  return [...list.matchAll(/(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]*)/g)].map(([, name = '']) => name);
}

/** Without what small images leave out. */
async function packageFiles(packages: readonly string[], work: string): Promise<Uint8Array> {
  const { stdout } = await run('dpkg', ['-L', ...packages], { maxBuffer: 64 << 20 });
  const paths = new Set(
    stdout
      .split('\n')
      .filter((path) => path.startsWith('/') && path !== '/.')
      .filter((path) => !/^\/usr\/share\/(doc|man|locale|info)\//.test(path))
      // Some packages still name the places that are links by now.
      .map((path) => path.replace(/^\/(bin|sbin|lib|lib32|lib64|libx32)\//, '/usr/$1/').slice(1)),
  );
  const present = [...paths].filter((path) => lstatSync(`/${path}`, { throwIfNoEntry: false }) !== undefined);
  const [list, file] = [join(work, 'list'), join(work, 'files.tar')];
  await writeFile(list, present.toSorted().join('\n'));
  await run('tar', ['--numeric-owner', '--no-recursion', '-C', '/', '-T', list, '-cf', file]);
  const bytes = await readFile(file);
  await rm(file);
  return bytes;
}

/** The scripts of packages make a few files more. */
async function whatScriptsMake(status: string, root: string): Promise<Uint8Array> {
  for (const folder of ['etc', 'proc', 'sys', 'dev', 'run', 'root', 'var/lib/dpkg']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'var/lib/dpkg/status'), status);
  for (const name of ['passwd', 'group']) {
    await copyFile(`/usr/share/base-passwd/${name}.master`, join(root, 'etc', name));
  }
  return packFolder(root);
}
