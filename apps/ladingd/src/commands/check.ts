// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { openEngine } from '@lading/engine';
import { configured } from './config-flags.ts';

/** Looks for damage in the store, and mends it when asked to. Ends with 1 when there is some left. */
export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { graphRoot, runRoot } = await configured(call);
  const roots = { graphRoot: flags.string('root') ?? graphRoot, runRoot: flags.string('runroot') ?? runRoot };
  await using engine = await openEngine({
    ...(roots.graphRoot !== undefined && { graphRoot: roots.graphRoot }),
    ...(roots.runRoot !== undefined && { runRoot: roots.runRoot }),
  });
  const level = flags.boolean('quick') ? ('digests' as const) : ('full' as const);
  const { signal } = environment;
  if (!flags.boolean('repair')) {
    let found = 0;
    for await (const { message } of engine.store.check({ level, signal })) {
      found += 1;
      await environment.stdout(`${message}\n`);
    }
    return found === 0 ? 0 : 1;
  }
  const report = await engine.store.repair({ level, signal, force: flags.boolean('force') });
  for (const line of [...report.mended, ...report.lost]) await environment.stdout(`${line}\n`);
  for (const { message } of report.remaining) await environment.stderr(`Warning: ${message}\n`);
  return report.remaining.length === 0 ? 0 : 1;
}
