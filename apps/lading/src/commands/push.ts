// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import {
  type CompressionOptions,
  copyImage,
  openDestination,
  openSource,
  transports,
} from '@lading/image-copy';
import { withEngine } from '../engine.ts';
import { findStored } from '../images/stored-image.ts';
import { imageFormat } from '../options/image-format.ts';
import { transportContext } from '../options/registry-context.ts';
import { progressPrinter } from '../output/progress-printer.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [ref = '', target] = args;
  const format = imageFormat(flags.string('format') || undefined);
  const compression = compressionOf(call);
  return withEngine(call, async (engine) => {
    const { image, name } = await findStored(engine, ref);
    const context = await transportContext(call, engine.store);
    const source = await openSource(`containers-storage:@${image.id}`, context);
    try {
      const destination = await openDestination(placeOf(target ?? name ?? ref), {
        ...context,
        ...(flags.boolean('compress') ? { dirCompression: 'compressed' as const } : {}),
      });
      try {
        const { descriptor } = await copyImage(source, destination, {
          format,
          compression,
          removeSignatures: flags.boolean('remove-signatures'),
          signal: environment.signal,
          ...(flags.boolean('quiet') ? {} : { onProgress: progressPrinter(call) }),
        });
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

/** A name without a transport is one at a registry. */
function placeOf(text: string): string {
  return transports.includes(text.slice(0, text.indexOf(':'))) ? text : `docker://${text}`;
}

function compressionOf({ flags }: CommandCall): CompressionOptions | undefined {
  const format = flags.string('compression-format') || undefined;
  const level = flags.int('compression-level');
  if (format !== undefined && format !== 'gzip' && format !== 'zstd' && format !== 'zstd:chunked') {
    throw usageError(`cannot find compressor for ${JSON.stringify(format)}`);
  }
  if (format === undefined) return level === undefined ? undefined : { format: 'gzip', level };
  return { format, level };
}
