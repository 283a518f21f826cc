// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { CompressionOptions, TransportContext } from '@lading/image-copy';
import { parseFamiliarReference } from '@lading/image-spec';
import type { FlagPrefix } from './specs/registry-flags.ts';

/** What the flags with this prefix say of places that are no registries. */
export function placeOptions(call: CommandCall, prefix: FlagPrefix): TransportContext {
  const { flags, environment } = call;
  return {
    cwd: environment.cwd,
    stdin: environment.stdin,
    daemonHost: flags.string(`${prefix}daemon-host`),
    daemonCertDir: certDirOf(call, prefix),
    sharedBlobs: flags.string(`${prefix}shared-blob-dir`),
    tlsVerify: tlsVerifyOf(call, prefix),
  };
}

/** Undefined where no flag says it: registries.conf then does. */
export function tlsVerifyOf({ flags }: CommandCall, prefix: FlagPrefix): boolean | undefined {
  // The old flag for both sides, before the command or after it, is the weaker one.
  const name = [`${prefix}tls-verify`, 'tls-verify'].find((flag) => flags.given(flag));
  return name === undefined ? undefined : flags.boolean(name);
}

/** The folder with certificates for a registry or a daemon. */
export function certDirOf({ flags, environment }: CommandCall, prefix: FlagPrefix): string | undefined {
  const given = flags.string(`${prefix}cert-dir`);
  return given === undefined ? undefined : resolve(environment.cwd, given);
}

/** How an image is written to a place that is no registry. */
export function writingOptions({ flags }: CommandCall): TransportContext {
  const additionalTags = flags.strings('additional-tag');
  for (const tag of additionalTags) {
    if (parseFamiliarReference(tag).tag !== undefined) continue;
    throw usageError(`additional-tag '${tag}' must be a tagged reference`);
  }
  if (flags.boolean('dest-compress') && flags.boolean('dest-decompress')) {
    throw usageError('Cannot compress and decompress at the same time');
  }
  const compressed = flags.boolean('dest-compress') ? 'compressed' : undefined;
  return {
    additionalTags,
    acceptsUncompressedLayers: flags.boolean('dest-oci-accept-uncompressed-layers'),
    dirCompression: flags.boolean('dest-decompress') ? 'uncompressed' : compressed,
  };
}

/** The compression that is asked for. @throws a usage error for one that is not known */
export function compressionOf({ flags }: CommandCall): CompressionOptions | undefined {
  const format = flags.string('dest-compress-format');
  const level = flags.int('dest-compress-level');
  if (format !== undefined && format !== 'gzip' && format !== 'zstd' && format !== 'zstd:chunked') {
    throw usageError(`cannot find compressor for "${format}"`);
  }
  const highest = format?.startsWith('zstd') ? 22 : 9;
  if (level !== undefined && (level < 1 || level > highest)) {
    throw usageError(`--dest-compress-level is 1 to ${highest} for ${format ?? 'gzip'}`);
  }
  if (format === undefined) {
    if (flags.boolean('dest-force-compress-format')) {
      throw usageError('--dest-force-compress-format needs --dest-compress-format');
    }
    return level === undefined ? undefined : { format: 'gzip', level };
  }
  return { format, level };
}
