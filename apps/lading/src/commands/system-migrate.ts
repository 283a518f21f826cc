// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { isRunning } from '../output/names.ts';

/** Records need no change from one version to the next: the engine reads those of all. */
export async function run(call: CommandCall): Promise<number> {
  const { environment, flags } = call;
  const runtime = flags.string('new-runtime') || undefined;
  if (runtime !== undefined) {
    throw new LadingError(
      Code.Unimplemented,
      `change to runtime "${runtime}" requested: a container keeps the runtime that it was made with; make it anew with --runtime ${runtime}`,
    );
  }
  return withEngine(call, async ({ containers }) => {
    for (const container of await containers.list({ all: true })) {
      if (!isRunning(container)) continue;
      await containers.stop(container.id, { signal: environment.signal });
      await environment.stdout(`stopped ${container.id}\n`);
    }
    return 0;
  });
}
