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
    if (file !== undefined) return loadAll(call, engine, file);
    const folder = await mkdtemp(join(tmpdir(), 'lading-load-'));
    try {
      const path = join(folder, 'archive');
      await pipeline(Readable.from(environment.stdin), createWriteStream(path), {
        signal: environment.signal,
      });
      return await loadAll(call, engine, path);
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

async function loadAll(call: CommandCall, engine: Engine, path: string): Promise<readonly string[]> {
  const loaded: string[] = [];
  const policy = await trustPolicy(call);
  for (const place of await listArchive(path)) {
    loaded.push(...(await loadOne(call, engine, place, policy)));
  }
  if (loaded.length === 0)
    throw new LadingError(
      Code.InvalidArgument,
      `payload does not match any of the supported image formats: ${path}`,
    );
  return loaded;
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
