// SPDX-License-Identifier: Apache-2.0

import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CommandCall, manPages } from '@lading/command-line';
import { makeFolders } from '@lading/linux';
import { program } from '../program.ts';

/** Writes the manual to a folder, and prints what it wrote. */
export async function run({ args, environment }: CommandCall): Promise<number> {
  const folder = resolve(environment.cwd, args[0] ?? '');
  makeFolders(folder, 0o777);
  for (const { file, text } of manPages(program())) {
    await writeFile(join(folder, file), text);
    await environment.stdout(`${file}\n`);
  }
  return 0;
}
