// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import { type CompressionOptions, transports } from '@lading/image-copy';

/** Where a push goes: a name without a transport is one at a registry. */
export function pushPlace(text: string): string {
  return transports.includes(text.slice(0, text.indexOf(':'))) ? text : `docker://${text}`;
}

/** `--compression-format`, `--compression-level`. */
export function pushCompression(flags: Flags): CompressionOptions | undefined {
  const format = flags.string('compression-format') || undefined;
  const level = flags.int('compression-level');
  if (format !== undefined && format !== 'gzip' && format !== 'zstd' && format !== 'zstd:chunked') {
    throw usageError(`cannot find compressor for ${JSON.stringify(format)}`);
  }
  if (format === undefined) return level === undefined ? undefined : { format: 'gzip', level };
  return { format, level };
}
