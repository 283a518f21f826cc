// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { pairsToRecord } from '../../options/key-value.ts';
import { readVolumeOptions } from '../../options/volume-options.ts';

export async function run({ args, flags, ...call }: CommandCall): Promise<number> {
  const driver = flags.string('driver') || 'local';
  if (driver !== 'local') throw usageError(`volume driver ${quote(driver)} is not there: use local`);
  const options = readVolumeOptions(flags);
  const volume = await withEngine({ args, flags, ...call }, (engine) =>
    engine.volumes.create({
      ...(args[0] !== undefined && { name: args[0] }),
      labels: pairsToRecord(flags.strings('label')),
      ...options,
      ignoreExisting: flags.boolean('ignore'),
    }),
  );
  await call.environment.stdout(`${volume.name}\n`);
  return 0;
}
