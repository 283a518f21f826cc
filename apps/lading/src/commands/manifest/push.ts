// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { copyImage, openDestination } from '@lading/image-copy';
import { withEngine } from '../../engine.ts';
import { findList, type ImageList } from '../../lists/image-list.ts';
import { listSource } from '../../lists/list-source.ts';
import { pushCompression, pushPlace } from '../../options/push-options.ts';
import { transportContext } from '../../options/registry-context.ts';
import { signatureOptions } from '../../options/signers.ts';
import { progressPrinter } from '../../output/progress-printer.ts';

const formats = { oci: 'oci', v2s2: 'v2s2', docker: 'v2s2' } as const;

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const [name = ''] = args;
  const text = flags.string('format') || undefined;
  if (text !== undefined && !isFormat(text)) {
    throw usageError(
      `unknown format ${JSON.stringify(text)}. Choose one of the supported formats: 'oci' or 'v2s2'`,
    );
  }
  const format = text === undefined ? undefined : formats[text];
  return withEngine(call, async (engine) => {
    const list = await listToPush(engine, name);
    await push(call, engine, list, format);
    if (flags.boolean('rm')) await engine.images.remove(list.id, { force: true });
    return 0;
  });
}

async function listToPush(engine: Engine, name: string): Promise<ImageList> {
  try {
    return await findList(engine, name);
  } catch (error) {
    const { code, message } = LadingError.from(error);
    throw new LadingError(code, `retrieving local image from image name ${name}: ${message}`, {
      cause: error,
    });
  }
}

async function push(
  call: CommandCall,
  { store }: Engine,
  list: ImageList,
  format: 'oci' | 'v2s2' | undefined,
): Promise<void> {
  const { flags, environment } = call;
  const { signal, cwd } = environment;
  const [name = '', target = ''] = call.args;
  const context = await transportContext(call, store);
  const compression = pushCompression(flags);
  const all = flags.boolean('all');
  const signatures = await signatureOptions(call);
  const source = await listSource(list, name, context, store);
  try {
    const destination = await openDestination(pushPlace(target), context);
    try {
      const { descriptor } = await copyImage(source, destination, {
        platform: all ? 'all' : 'index-only',
        format,
        compression,
        ...signatures,
        signal,
        ...(flags.boolean('quiet') ? {} : { onProgress: progressPrinter(call) }),
      });
      const digestFile = flags.string('digestfile');
      if (digestFile) await writeFile(resolve(cwd, digestFile), descriptor.digest);
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}

function isFormat(text: string): text is keyof typeof formats {
  return Object.hasOwn(formats, text);
}
