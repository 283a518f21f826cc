// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import { createRegistry } from './registry.ts';
import { duration } from './serve-options.ts';

/** `lading-registry garbage-collect`: one line on stdout for each thing that goes. */
export async function run({ flags, environment }: CommandCall): Promise<number> {
  const root = flags.string('root');
  if (root === undefined || root === '')
    throw usageError('--root is missing: name the folder of the registry');
  await access(root); // a wrong name must not make an empty registry
  const registry = await createRegistry({ root });
  try {
    const garbage = await registry.collectGarbage({
      dryRun: flags.boolean('dry-run'),
      untagged: flags.boolean('delete-untagged'),
      olderThanMs: duration(flags, 'older-than'),
      signal: environment.signal,
    });
    for (const { kind, repository, digest, sizeBytes } of garbage) {
      await environment.stdout(`${kind} ${repository}@${digest} ${sizeBytes}\n`);
    }
  } finally {
    await registry.close();
  }
  return 0;
}
