// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { type ImageSource, onSide, openSource, type TransportContext } from '@lading/image-copy';
import { transportContext } from './registry-context.ts';
import type { FlagPrefix } from './specs/registry-flags.ts';

/** Reads from an image for as long as `action` takes; its errors say where they happened. */
export async function withSource<T>(
  call: CommandCall,
  text: string,
  prefix: FlagPrefix,
  action: (source: ImageSource, context: TransportContext) => Promise<T>,
): Promise<T> {
  const context = await transportContext(call, text, prefix);
  const source = await openSource(text, context);
  try {
    return await action(source, context);
  } catch (error) {
    throw onSide('source', text, error);
  } finally {
    await source.close();
  }
}
