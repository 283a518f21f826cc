// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Spec, withHooks } from '@lading/oci-spec';
import { type HookFile, type HookSubject, parseHookFile } from './hook-file.ts';

const maxBytes = 1 << 20;

/**
 * A spec with the hooks that the files of these folders have for it, in the order of the names of the files. A later
 * folder wins over a file of the same name.
 *
 * @throws LadingError `failed_precondition` with reason `HOOKS_BROKEN` naming a file that is wrong: to go on without its
 * hook could be to go on without what makes the container safe
 */
export async function withHookFiles(
  spec: Spec,
  subject: HookSubject,
  folders: readonly string[],
): Promise<Spec> {
  let result = spec;
  for (const { hook, stages, matches } of await readHookFiles(folders)) {
    if (!matches(subject)) continue;
    for (const stage of stages) result = withHooks(result, { [stage]: [hook] });
  }
  return result;
}

/** All hooks of the folders. A folder that is not there has none. @throws as {@link withHookFiles} */
async function readHookFiles(folders: readonly string[]): Promise<readonly HookFile[]> {
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await namesIn(folder)) if (name.endsWith('.json')) files.set(name, join(folder, name));
  }
  const names = [...files.keys()].toSorted();
  return Promise.all(names.map((name) => readHookFile(files.get(name) ?? '')));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.code === Code.NotFound) return [];
    throw broken(folder, failure);
  }
}

async function readHookFile(path: string): Promise<HookFile> {
  try {
    const file = parseHookFile(await readSmallFile(path));
    await access(file.hook.path, constants.X_OK);
    return file;
  } catch (error) {
    throw broken(path, LadingError.from(error));
  }
}

/** A pipe would be waited for, and what others may write must not run as root. */
async function readSmallFile(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { mode, size } = await file.stat();
  const refuse = (why: string): LadingError => new LadingError(Code.InvalidArgument, why);
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw refuse('it is not a file');
  if ((mode & 0o002) !== 0) throw refuse('everybody may write it: take that right away (chmod o-w)');
  if (size > maxBytes) throw refuse(`it has ${size} bytes; hooks have less than ${maxBytes}`);
  return file.readFile('utf8');
}

function broken(path: string, cause: LadingError): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `the hooks of ${path} cannot be used: ${cause.message}; mend it or take it away`,
    { reason: 'HOOKS_BROKEN', cause },
  );
}
