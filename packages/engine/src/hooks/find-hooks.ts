// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Spec, withHooks } from '@lading/oci-spec';
import { type HookFile, type HookSubject, parseHookFile } from './hook-file.ts';
import { withinTime } from './within-time.ts';

const maxBytes = 1 << 20;
const mostFiles = 1000;
const matchMs = 1000;

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
  for (const { hook, stages } of hooksFor(subject, await readHookFiles(folders)))
    for (const stage of stages) result = withHooks(result, { [stage]: [hook] });
  return result;
}

/** Annotations are the words of whoever makes a pod: one may be made for an expression to be lost in. */
function hooksFor(subject: HookSubject, files: ReadonlyMap<string, HookFile>): readonly HookFile[] {
  if (files.size === 0) return [];
  let looked = '';
  const match = (): HookFile[] =>
    [...files].flatMap(([path, file]) => {
      looked = path;
      return file.matches(subject) ? [file] : [];
    });
  let found: readonly HookFile[] | undefined;
  try {
    found = withinTime(match, matchMs);
  } catch (error) {
    throw broken(looked, LadingError.from(error)); // it was only now found to be too large
  }
  if (found !== undefined) return found;
  throw broken(looked, invalid('its expressions took longer than a second on annotations and command'));
}

/** All hooks of the folders by their paths. A folder that is not there has none. @throws as {@link withHookFiles} */
async function readHookFiles(folders: readonly string[]): Promise<ReadonlyMap<string, HookFile>> {
  const paths = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await namesIn(folder)) if (name.endsWith('.json')) paths.set(name, join(folder, name));
    if (paths.size > mostFiles)
      throw broken(folder, invalid(`there are ${paths.size} files, and no more than ${mostFiles} are read`));
  }
  const files = new Map<string, HookFile>();
  for (const name of [...paths.keys()].toSorted()) {
    const path = paths.get(name) ?? '';
    files.set(path, await readHookFile(path));
  }
  return files;
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

/** A pipe would be waited for, some files of the kernel have no end, and what others may write must not run as root. */
async function readSmallFile(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { mode, size } = await file.stat();
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw invalid('it is not a file');
  if ((mode & 0o002) !== 0) throw invalid('everybody may write it: take that right away (chmod o-w)');
  const tooLarge = `it has more than ${maxBytes} bytes, which no hook takes`;
  if (size > maxBytes) throw invalid(tooLarge);
  const bytes = Buffer.alloc(maxBytes + 1);
  let length = 0;
  for (let more = -1; more !== 0 && length < bytes.length; length += more) {
    ({ bytesRead: more } = await file.read(bytes, length, bytes.length - length));
  }
  if (length > maxBytes) throw invalid(tooLarge);
  return bytes.toString('utf8', 0, length);
}

function invalid(why: string): LadingError {
  return new LadingError(Code.InvalidArgument, why);
}

function broken(path: string, cause: LadingError): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `the hooks of ${path} cannot be used: ${cause.message}; mend it or take it away`,
    { reason: 'HOOKS_BROKEN', cause },
  );
}
