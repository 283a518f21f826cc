// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { version } from '../version.ts';

/** Prints the versions of the daemon and of what it runs on. */
export async function run({ flags, environment }: CommandCall): Promise<number> {
  const facts = {
    version,
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
    cri: 'v1',
  };
  const text = flags.boolean('json')
    ? JSON.stringify(facts, undefined, 2)
    : Object.entries(facts)
        .map(([key, value]) => `${`${key}:`.padEnd(10)}${value}`)
        .join('\n');
  await environment.stdout(`${text}\n`);
  return 0;
}
