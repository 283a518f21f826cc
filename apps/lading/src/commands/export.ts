// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import { packFolder } from '@lading/layer';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const output = flags.string('output') || undefined;
  if (output === undefined && environment.stdoutIsTerminal) {
    throw usageError('refusing to export to terminal. Use -o flag or redirect');
  }
  const { signal } = environment;
  await withEngine(call, async ({ containers, store }) => {
    const { id } = await containers.inspect(args[0] ?? '');
    const folder = await store.containers.mount(id, { signal });
    try {
      const archive = packFolder(folder, { signal });
      if (output === undefined) for await (const chunk of archive) await environment.stdout(chunk);
      else await pipeline(archive, createWriteStream(resolve(environment.cwd, output)), { signal });
    } finally {
      await store.containers.unmount(id);
    }
  });
  return 0;
}
