// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { pairsToRecord } from './key-value.ts';

/** `--label-file`, then `--label`, a later one winning. */
export async function readLabels({ flags, environment }: CommandCall): Promise<Record<string, string>> {
  const lines: string[] = [];
  for (const file of flags.strings('label-file')) {
    const text = await readFile(resolve(environment.cwd, file), 'utf8').catch((cause: unknown) => {
      const { code, message } = LadingError.from(cause);
      throw new LadingError(code, `unable to process labels: ${message}`, { cause });
    });
    for (const line of text.split('\n').map((line) => line.replace(/\r$/, '').trimStart())) {
      if (line !== '' && !line.startsWith('#')) lines.push(line);
    }
  }
  const labels = pairsToRecord([...lines, ...flags.strings('label')]);
  if (Object.hasOwn(labels, '')) throw usageError('a label needs a name: use KEY=VALUE');
  return labels;
}
