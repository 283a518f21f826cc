// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { inspectTemplate } from '../../output/inspect-template.ts';
import { printError } from '../../output/print-error.ts';
import { detailsOf } from '../../output/volume-row.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const all = flags.boolean('all');
  if (all === args.length > 0) throw usageError('provide one or more volume names or use --all');
  const show = inspectTemplate(flags.string('format') ?? 'json', 'volume inspect');
  const errors: LadingError[] = [];
  const rows = await withEngine(call, async (engine) => {
    if (all) return detailsOf(engine, await engine.volumes.list());
    const volumes = await Promise.all(
      args.map(async (name) => {
        try {
          return await engine.volumes.inspect(name);
        } catch (reason) {
          if (!hasCode(reason, Code.NotFound)) throw reason;
          errors.push(new LadingError(Code.NotFound, `inspecting object: ${reason.message}`));
          return undefined;
        }
      }),
    );
    return detailsOf(
      engine,
      volumes.filter((volume) => volume !== undefined),
    );
  });
  await environment.stdout(show === undefined ? `${toJson(rows, 5)}\n` : show(rows));
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}
