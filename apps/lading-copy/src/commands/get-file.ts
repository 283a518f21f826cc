// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { readImageFile } from '@lading/image-edit';
import { withImage } from '../edit-image.ts';
import { writeOutput } from '../output-file.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = '', file = '', path = '-'] = call.args;
  const { environment } = call;
  const signal = signalOf(call);
  await withImage(call, text, '', signal, async (image) => {
    const content = readImageFile(image, file, { signal });
    if (path !== '-') await writeOutput(resolve(environment.cwd, path), content);
    else for await (const chunk of content) await environment.stdout(chunk);
  });
  return 0;
}
