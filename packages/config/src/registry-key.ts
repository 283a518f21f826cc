// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference } from '@lading/image-spec';

/** What a login is for. */
export interface RegistryKey {
  /** `host[:port]`, or a namespace or repository on it. */
  readonly key: string;
  readonly host: string;
}

/**
 * Reads what a user names to log in to; of a URL only its host counts.
 *
 * @throws InvalidArgument for a name with a tag or a digest, and for what is no URL
 *
 * @example
 * ```ts
 * import { parseRegistry, type RegistryKey } from '@lading/config';
 *
 * const { key, host }: RegistryKey = parseRegistry('quay.io/team');
 * console.log(key, host); // → quay.io/team quay.io
 * ```
 */
export function parseRegistry(text: string): RegistryKey {
  const key = /^https?:\/\//.test(text) ? hostOf(text) : text;
  const [host = ''] = key.split('/');
  if (host === key) return { key, host };
  const reference = parseFamiliarReference(key);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw invalid(`reference ${JSON.stringify(formatReference(reference))} contains tag or digest`);
  }
  return { key, host };
}

function hostOf(text: string): string {
  try {
    return new URL(text).host;
  } catch {
    throw invalid(`${JSON.stringify(text)} is not a URL: write the host of the registry`);
  }
}

function invalid(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, message, { reason: 'USAGE' });
}
