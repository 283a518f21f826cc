// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CommandCall, manPages } from '@lading/command-line';
import { program } from '../program.ts';

/** Writes the manual to a folder, and prints what it wrote. */
export async function run({ args, environment }: CommandCall): Promise<number> {
  const folder = resolve(environment.cwd, args[0] ?? '');
  await mkdir(folder, { recursive: true });
  for (const { file, text } of manPages(program())) {
    await writeFile(join(folder, file), text);
    await environment.stdout(`${file}\n`);
  }
  return 0;
}
