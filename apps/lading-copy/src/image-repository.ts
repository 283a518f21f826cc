// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import {
  chooseInstance,
  hostPlatform,
  type OpenedRepository,
  onSide,
  openRepository,
} from '@lading/image-copy';
import { type Descriptor, isIndexType, type Platform, parseIndex, parsePlatform } from '@lading/image-spec';
import { platformOf } from './platform.ts';
import { transportContext } from './registry-context.ts';
import type { FlagPrefix } from './specs/registry-flags.ts';

/** Runs `action` on the repository or layout of a reference; its errors say where they happened. */
export async function withImageRepository<T>(
  call: CommandCall,
  text: string,
  use: 'read' | 'write',
  action: (opened: OpenedRepository) => Promise<T>,
  prefix: FlagPrefix = '',
): Promise<T> {
  await using opened = await openRepository(text, await transportContext(call, text, prefix), { use });
  try {
    return await action(opened);
  } catch (error) {
    if (LadingError.from(error).reason === 'USAGE') throw error;
    throw onSide(use === 'read' ? 'source' : 'destination', text, error);
  }
}

/** What a reference names; the image in it for a platform, where one is given. */
export async function chosenDescriptor(
  { repository, version }: OpenedRepository,
  platform: string | undefined,
  signal: AbortSignal,
): Promise<Descriptor> {
  const wanted = platform === undefined ? undefined : platformFrom(platform);
  const top = await repository.resolve(version ?? 'latest', { signal });
  if (wanted === undefined || !isIndexType(top.mediaType)) return top;
  const { bytes } = await repository.manifest(top.digest, { signal });
  return chooseInstance(parseIndex(bytes), wanted);
}

/** The platform of `--platform`, else of the flags that all commands have. */
export function platformChoice({ flags }: CommandCall): Platform {
  const wanted = flags.string('platform');
  return wanted === undefined ? platformOf(flags) : platformFrom(wanted);
}

/** The platform of a text like `linux/arm64/v8`. */
export function platformFrom(text: string): Platform {
  try {
    return parsePlatform(text, hostPlatform());
  } catch (error) {
    throw usageError(LadingError.from(error).message);
  }
}
