// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { copyImage, openDestination, openSource } from '@lading/image-copy';
import { withEngine } from '../engine.ts';
import { findStored } from '../images/stored-image.ts';
import { readEncryption } from '../options/encryption.ts';
import { imageFormat } from '../options/image-format.ts';
import { pushCompression, pushPlace } from '../options/push-options.ts';
import { transportContext } from '../options/registry-context.ts';
import { signatureOptions } from '../options/signers.ts';
import { progressPrinter } from '../output/progress-printer.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [ref = '', target] = args;
  const format = imageFormat(flags.string('format') || undefined);
  const compression = pushCompression(flags);
  const signatures = await signatureOptions(call);
  const encryption = await readEncryption(call);
  return withEngine(call, async (engine) => {
    const { image, name } = await findStored(engine, ref);
    const context = await transportContext(call, engine.store);
    const source = await openSource(`containers-storage:@${image.id}`, context);
    try {
      const destination = await openDestination(pushPlace(target ?? name ?? ref), {
        ...context,
        ...(flags.boolean('compress') ? { dirCompression: 'compressed' as const } : {}),
      });
      try {
        const { descriptor } = await copyImage(source, destination, {
          format,
          compression,
          ...signatures,
          ...encryption,
          signal: environment.signal,
          ...(flags.boolean('quiet') ? {} : { onProgress: progressPrinter(call) }),
        });
        engine.tell({ type: 'image', action: 'push', id: image.id, name: target ?? name ?? ref });
        const digestFile = flags.string('digestfile');
        if (digestFile) await writeFile(resolve(environment.cwd, digestFile), descriptor.digest);
      } finally {
        await destination.close();
      }
    } finally {
      await source.close();
    }
    return 0;
  });
}
