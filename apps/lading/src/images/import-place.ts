// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import {
  type CopyOptions,
  copyImage,
  createStorageDestination,
  openSource,
  type TransportContext,
} from '@lading/image-copy';
import { digestHex } from '@lading/image-spec';
import { progressPrinter } from '../output/progress-printer.ts';
import type { ArchivedPlace } from './list-archive.ts';

/** Copies an image into the store and gives it the names; resolves to its id. */
export async function importPlace(
  call: CommandCall,
  { store, images }: Engine,
  { source: text, names }: ArchivedPlace,
  options: Pick<CopyOptions, 'platform' | 'policy'>,
  context: TransportContext = {},
): Promise<string> {
  const { environment, flags } = call;
  const [first, ...others] = names;
  const source = await openSource(text, context);
  try {
    const destination = createStorageDestination(store, first, `containers-storage:${first ?? ''}`);
    try {
      const { config } = await copyImage(source, destination, {
        ...options,
        removeSignatures: true,
        signal: environment.signal,
        ...(flags.boolean('quiet') ? {} : { onProgress: progressPrinter(call) }),
      });
      if (config === undefined) throw new LadingError(Code.Internal, `${text} has no config`);
      const id = digestHex(config);
      for (const name of others) await images.tag(id, name);
      return id;
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}
