// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, environment } = call;
  const [name = '', source = '-'] = args;
  return withEngine(call, async (engine) => {
    const volume = await engine.volumes.inspect(name);
    const archive = source === '-' ? environment.stdin : createReadStream(resolve(environment.cwd, source));
    await engine.volumes.unpack(volume.name, archive, { signal: environment.signal });
    return 0;
  });
}
