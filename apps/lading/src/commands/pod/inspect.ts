// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { isJsonFormat, parseTemplate, toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { podDetails } from '../../output/pod-row.ts';
import { findPod } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const format = flags.string('format') || 'json';
  const template = isJsonFormat(format) ? undefined : parseTemplate(format, { name: 'inspect' });
  const found = await withEngine(call, (engine) =>
    Promise.all(args.map(async (name) => podDetails(await findPod(engine, name)))),
  );
  if (template !== undefined) {
    for (const pod of found) await environment.stdout(`${template.render(pod)}\n`);
    // One is no list, as podman 4 has it.
  } else await environment.stdout(`${toJson(found.length === 1 ? found[0] : found, 5)}\n`);
  return 0;
}
