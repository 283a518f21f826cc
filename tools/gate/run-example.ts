// SPDX-License-Identifier: Apache-2.0
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Block, promisedLines } from './example-blocks.ts';
import { run } from './run.ts';

/** Longest time that an example may take. */
export const exampleTimeoutMs = 120_000;

let examples = 0;

/** Runs a `ts` block as a program of its own in a package's folder; its faults, none where it prints what it promises. */
export async function runExample(folder: string, block: Block): Promise<readonly string[]> {
  examples += 1;
  const file = join(folder, `example-${process.pid}-${examples}.ts`);
  await writeFile(file, block.code);
  try {
    const args = ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning', file];
    const { code, output, stdout } = await run('node', args, { cwd: folder, timeoutMs: exampleTimeoutMs });
    if (code !== 0) return [`ended with ${code}\n${output}`];
    const promised = promisedLines(block.code);
    const printed = stdout.split('\n').slice(0, -1);
    const same = promised.length === printed.length && promised.every((line, i) => line === printed[i]);
    return same ? [] : [`promises\n  ${promised.join('\n  ')}\nbut prints\n  ${printed.join('\n  ')}`];
  } finally {
    await rm(file, { force: true });
  }
}
