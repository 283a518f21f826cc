// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { renderTable } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { isRunning, latestContainer } from '../output/names.ts';
import { findDescriptors, usualColumns } from '../top/descriptors.ts';
import { processTable } from '../top/process-table.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const latest = flags.boolean('latest');
  if (!latest && args.length === 0)
    throw usageError('you must provide the name or id of a running container');
  const words = latest ? args : args.slice(1);
  return withEngine(call, async (engine) => {
    const { containers } = engine;
    const name = latest ? await latestContainer(engine) : (args[0] ?? '');
    const container = await containers.inspect(name);
    if (!isRunning(container)) {
      throw new LadingError(Code.FailedPrecondition, 'top can only be used on running containers');
    }
    const columns = findDescriptors(words.length === 0 ? usualColumns : words);
    if (columns === undefined) {
      await environment.stdout(await psInside(engine, container.id, words, environment.signal));
      return 0;
    }
    const rows = await processTable(engine, [container.id], columns);
    await environment.stdout(renderTable(rows, { header: columns.map(({ header }) => header) }));
    return 0;
  });
}

/** What the container's own ps(1) makes of the words. */
async function psInside(
  { containers }: Engine,
  id: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const command = ['ps', ...words.flatMap((word) => word.split(' ')).filter((word) => word !== '')];
  const { exitCode, stdout, stderr } = await containers.execSync(id, { command, signal });
  if (exitCode === 0) return stdout;
  const said = new TextDecoder().decode(stderr).trim();
  throw new LadingError(
    Code.FailedPrecondition,
    `executing ps(1) in the container: it ended with ${exitCode}: ${said}`,
  );
}
