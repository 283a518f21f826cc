// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import { packFolder } from '@lading/layer';
import { rootFolder } from '../container/root-folder.ts';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const output = flags.string('output') || undefined;
  if (output === undefined && environment.stdoutIsTerminal) {
    throw usageError('refusing to export to terminal. Use -o flag or redirect');
  }
  const { signal } = environment;
  await withEngine(call, async (engine) => {
    const { folder, release } = await rootFolder(engine, await engine.containers.inspect(args[0] ?? ''));
    try {
      const archive = packFolder(folder, { signal });
      if (output === undefined) for await (const chunk of archive) await environment.stdout(chunk);
      else await pipeline(archive, createWriteStream(resolve(environment.cwd, output)), { signal });
    } finally {
      await release();
    }
  });
  return 0;
}
