// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { inspectTemplate } from '../../output/inspect-template.ts';
import { podDetails } from '../../output/pod-details.ts';
import { printError } from '../../output/print-error.ts';
import { latestPod } from './latest-pod.ts';
import { findPod } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const show = inspectTemplate(flags.string('format') || 'json', 'inspect');
  const latest = flags.boolean('latest');
  if (latest && args.length > 0) throw usageError('--latest and arguments cannot be used together');
  if (!latest && args.length === 0) throw usageError('must provide the name or ID of a pod');
  const found: ReturnType<typeof podDetails>[] = [];
  const errors: LadingError[] = [];
  await withEngine(call, async (engine) => {
    for (const name of latest ? [await latestPod(engine)] : args) {
      try {
        found.push(podDetails(await findPod(engine, name), show !== undefined));
      } catch (reason) {
        if (!hasCode(reason, Code.NotFound)) throw reason;
        errors.push(new LadingError(Code.NotFound, `inspecting object: ${reason.message}`));
      }
    }
  });
  if (show !== undefined) await environment.stdout(show(found));
  // One is no list, as podman 4 has it.
  else await environment.stdout(`${toJson(found.length === 1 ? found[0] : found, 5)}\n`);
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}
