// SPDX-License-Identifier: Apache-2.0

import { open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import type { ImageRepository } from '@lading/image-copy';
import { Annotation, type Descriptor, EmptyDescriptor, parseManifest } from '@lading/image-spec';
import { makeFolders } from '@lading/linux';
import { withImageRepository } from '../image-repository.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const { flags, environment } = call;
  const signal = signalOf(call);
  const output = flags.string('output');
  const types = flags.strings('media-type');
  await withImageRepository(call, text, 'read', async ({ repository, version }) => {
    const { bytes } = await repository.manifest(version ?? 'latest', { signal });
    const files = parseManifest(bytes).layers.filter(
      ({ mediaType }) =>
        mediaType !== EmptyDescriptor.mediaType && (types.length === 0 || types.includes(mediaType)),
    );
    if (output === undefined) {
      const [file] = files;
      if (file === undefined || files.length > 1)
        throw usageError(
          `${files.length} files would be printed; choose one by --media-type, or give --output DIR`,
        );
      for await (const chunk of repository.blob(file, { signal })) await environment.stdout(chunk);
      return;
    }
    const folder = resolve(environment.cwd, output);
    const names = files.map(fileName);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      throw new LadingError(Code.InvalidArgument, `two files are named ${JSON.stringify(twice)}`);
    for (const [i, file] of files.entries()) {
      const name = names[i] ?? '';
      await writeFile(repository, file, join(folder, name), flags.boolean('overwrite'), signal);
      await environment.stdout(`${join(output, name)}\n`);
    }
  });
  return 0;
}

/** The name comes from a stranger: it stays below the folder, and is no name that a terminal obeys. */
function fileName({ annotations = {}, digest }: Descriptor): string {
  const title = Object.hasOwn(annotations, Annotation.Title) ? annotations[Annotation.Title] : undefined;
  if (title === undefined) return digest.replace(':', '-');
  const parts = title.split('/');
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\p{Cc}\\]/u.test(part)))
    return title;
  throw new LadingError(
    Code.InvalidArgument,
    `the artifact has a file with the name ${JSON.stringify(title.slice(0, 100))}, which could lead out of the folder`,
    { reason: 'NAME_INVALID' },
  );
}

/** The file appears when all of it has come and is right. */
async function writeFile(
  repository: ImageRepository,
  file: Descriptor,
  path: string,
  overwrite: boolean,
  signal: AbortSignal,
): Promise<void> {
  makeFolders(dirname(path), 0o777);
  const unfinished = `${path}.${crypto.randomUUID()}`;
  try {
    await using target = await open(unfinished, 'wx', 0o644);
    for await (const chunk of repository.blob(file, { signal })) await target.writeFile(chunk);
    if (!overwrite) await (await open(path, 'wx')).close();
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    const error = LadingError.from(cause);
    if (error.code !== Code.AlreadyExists) throw error;
    throw new LadingError(error.code, `${path} is there already; --overwrite replaces it`, { cause });
  }
}
