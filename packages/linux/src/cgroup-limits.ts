// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { cgroupVersion, removeCgroup } from './cgroup.ts';
import { type CgroupLimits, cgroupSettings } from './cgroup-settings.ts';

const cgroupRoot = '/sys/fs/cgroup';

/** Makes a control group with limits, for others to be made in; nothing without any. Any number of times. */
export async function makeLimitedCgroup(
  path: string,
  limits: CgroupLimits,
  root: string = cgroupRoot,
): Promise<void> {
  const version = await cgroupVersion(root);
  const settings = cgroupSettings(limits, version);
  if (settings.length === 0) return;
  const controllers = new Set(settings.map(({ controller }) => controller));
  if (version === 2) await makeBelow(root, path, (folder) => delegate(folder));
  else {
    for (const controller of controllers) {
      const base = join(root, controller);
      await makeBelow(base, path, controller === 'cpuset' ? inheritCpuset : undefined);
    }
  }
  for (const { controller, files, value } of settings) {
    const folder = version === 2 ? join(root, path) : join(root, controller, path);
    const file = files.map((name) => join(folder, name)).find((name) => existsSync(name));
    if (file === undefined) {
      throw new LadingError(
        Code.Unimplemented,
        `the limit ${files[0]} of control groups is not there on this machine; leave it out`,
      );
    }
    await setting(file, value);
  }
}

async function setting(file: string, value: string): Promise<void> {
  try {
    await writeFile(file, value);
  } catch (cause) {
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `the limit ${value} was refused by ${file}: ${message}`, { cause });
  }
}

/** Removes a control group in all hierarchies. One that is gone already is no error. */
export async function removeLimitedCgroup(path: string, root: string = cgroupRoot): Promise<void> {
  const bases =
    (await cgroupVersion(root)) === 2 ? [root] : (await readdir(root)).map((name) => join(root, name));
  await removeCgroup(bases.map((base) => join(base, path)));
}

/** Each folder on the way; `prepare` is called with the parent before, and with the folder after it is made. */
async function makeBelow(
  base: string,
  path: string,
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<void> {
  const words = path.split('/').filter((word) => word !== '');
  if (words.includes('..')) {
    throw new LadingError(
      Code.InvalidArgument,
      `the control group ${JSON.stringify(path)} leads out of the hierarchy`,
    );
  }
  if (!existsSync(base)) {
    throw new LadingError(
      Code.Unimplemented,
      `${base}: this machine has no such control groups; leave that limit out`,
    );
  }
  let folder = base;
  for (const word of words) {
    await prepare(folder);
    folder = join(folder, word);
    await mkdir(folder, { recursive: true });
  }
  await prepare(folder);
}

/** A cpuset of version 1 begins empty, and takes no process then. */
async function inheritCpuset(folder: string): Promise<void> {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const own = join(folder, name);
    if ((await readFile(own, 'utf8')).trim() === '')
      await writeFile(own, await readFile(join(dirname(folder), name), 'utf8'));
  }
}

/** What is in the groups below a folder has its controllers. */
async function delegate(folder: string): Promise<void> {
  const words = async (name: string): Promise<string[]> =>
    (await readFile(join(folder, name), 'utf8')).split(/\s+/).filter((word) => word !== '');
  const given = await words('cgroup.subtree_control');
  for (const name of await words('cgroup.controllers')) {
    if (['cpu', 'cpuset', 'io', 'memory', 'pids'].includes(name) && !given.includes(name))
      await writeFile(join(folder, 'cgroup.subtree_control'), `+${name}`);
  }
}
