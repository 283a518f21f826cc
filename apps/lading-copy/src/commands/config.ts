// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { platformChoice } from '../image-repository.ts';
import { readManifest } from '../read-image.ts';
import { signalOf } from '../retry.ts';
import { withSource } from '../with-source.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const { environment } = call;
  const signal = signalOf(call);
  await withSource(call, text, '', async (source) => {
    const top = await source.manifest(undefined, { signal });
    const { config } = (await readManifest(source, top, platformChoice(call), signal)).manifest;
    for await (const chunk of source.blob(config, { signal })) await environment.stdout(chunk);
  });
  return 0;
}
