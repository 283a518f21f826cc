// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import { withEngine } from '../../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const output = flags.string('output') ?? '';
  if (output === '' && environment.stdoutIsTerminal) {
    throw usageError('an archive is not for a terminal: use --output FILE or a pipe');
  }
  return withEngine(call, async (engine) => {
    const { name } = await engine.volumes.inspect(args[0] ?? '');
    const archive = engine.volumes.pack(name, { signal: environment.signal });
    if (output === '') for await (const chunk of archive) await environment.stdout(chunk);
    else await pipeline(Readable.from(archive), createWriteStream(resolve(environment.cwd, output)));
    return 0;
  });
}
