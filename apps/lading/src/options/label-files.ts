// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { pairsToRecord } from './key-value.ts';
import { readLineFile } from './line-file.ts';

/** `--label-file`, then `--label`, a later one winning. */
export async function readLabels({ flags, environment }: CommandCall): Promise<Record<string, string>> {
  const lines: string[] = [];
  for (const file of flags.strings('label-file')) {
    lines.push(...(await readLineFile(resolve(environment.cwd, file), 'unable to process labels')));
  }
  const labels = pairsToRecord([...lines, ...flags.strings('label')]);
  if (Object.hasOwn(labels, '')) throw usageError('a label needs a name: use KEY=VALUE');
  return labels;
}
