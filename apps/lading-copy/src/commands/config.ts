// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { onSide, openSource } from '@lading/image-copy';
import { platformFrom } from '../image-repository.ts';
import { platformOf } from '../platform.ts';
import { readManifest } from '../read-image.ts';
import { transportContext } from '../registry-context.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const { flags, environment } = call;
  const signal = signalOf(call);
  const source = await openSource(text, await transportContext(call, text));
  try {
    const wanted = flags.string('platform');
    const platform = wanted === undefined ? platformOf(flags) : platformFrom(wanted);
    const top = await source.manifest(undefined, { signal });
    const { config } = (await readManifest(source, top, platform, signal)).manifest;
    for await (const chunk of source.blob(config, { signal })) await environment.stdout(chunk);
  } catch (error) {
    throw onSide('source', text, error);
  } finally {
    await source.close();
  }
  return 0;
}
