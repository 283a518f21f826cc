// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import type { Policy } from '@lading/config';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { importPlace } from '../images/import-place.ts';
import { type ArchivedPlace, listArchive } from '../images/list-archive.ts';
import { trustPolicy } from '../options/trust-policy.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const input = flags.string('input') || undefined;
  if (input === undefined && environment.stdinIsTerminal) {
    throw usageError('cannot read from terminal. Use command-line redirection or the --input flag.');
  }
  const file = input === undefined ? undefined : resolve(environment.cwd, input);
  if (file !== undefined) await checkInput(file);
  const loaded = await withEngine(call, async (engine) => {
    if (file !== undefined) return loadAll(call, engine, file, file);
    const folder = await mkdtemp(join(tmpdir(), 'lading-load-'));
    try {
      const path = join(folder, 'archive');
      await pipeline(Readable.from(environment.stdin), createWriteStream(path), {
        signal: environment.signal,
      });
      return await loadAll(call, engine, path, 'stdin');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  for (const name of loaded) await environment.stdout(`Loaded image: ${name}\n`);
  return 0;
}

async function checkInput(path: string): Promise<void> {
  await stat(path).catch((cause: unknown) => {
    throw new LadingError(LadingError.from(cause).code, `stat ${path}: no such file or directory`, { cause });
  });
}

/** @param shown where it came from, for messages */
async function loadAll(
  call: CommandCall,
  engine: Engine,
  path: string,
  shown: string,
): Promise<readonly string[]> {
  const loaded: string[] = [];
  const policy = await trustPolicy(call);
  for (const place of await placesIn(path, shown)) {
    loaded.push(...(await loadOne(call, engine, place, policy)));
  }
  engine.tell({ type: 'image', action: 'loadfromarchive', id: '', name: shown });
  return loaded;
}

async function placesIn(path: string, shown: string): Promise<readonly ArchivedPlace[]> {
  const problem = await listArchive(path).catch((error: unknown) => LadingError.from(error));
  if (!(problem instanceof LadingError) && problem.length > 0) return problem;
  const { code, message } = problem instanceof LadingError ? problem : { code: Code.NotFound, message: '' };
  if (code !== Code.NotFound) throw new LadingError(code, `reading ${shown}: ${message}`, { cause: problem });
  throw new LadingError(
    Code.InvalidArgument,
    `payload does not match any of the supported image formats: ${shown} is neither a docker-archive nor an oci-archive; an archive of a root file system is made an image by "lading import"`,
  );
}

async function loadOne(
  call: CommandCall,
  engine: Engine,
  place: ArchivedPlace,
  policy: Policy | undefined,
): Promise<readonly string[]> {
  const id = await importPlace(call, engine, place, { policy });
  return place.names.length === 0 ? [`sha256:${id}`] : place.names;
}
