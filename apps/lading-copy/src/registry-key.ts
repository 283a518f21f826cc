// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { formatReference, parseFamiliarReference } from '@lading/image-spec';

/** What a login is for. */
export interface RegistryKey {
  /** `host[:port]`, or a namespace or repository on it. */
  readonly key: string;
  readonly host: string;
}

/** Reads what a user names to log in to; of a URL only its host counts. */
export function parseRegistry(text: string): RegistryKey {
  const key = /^https?:\/\//.test(text) ? hostOf(text) : text;
  const [host = ''] = key.split('/');
  if (host === key) return { key, host };
  const reference = parseFamiliarReference(key);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw usageError(`reference ${JSON.stringify(formatReference(reference))} contains tag or digest`);
  }
  return { key, host };
}

function hostOf(text: string): string {
  try {
    return new URL(text).host;
  } catch {
    throw usageError(`${JSON.stringify(text)} is not a URL: write the host of the registry`);
  }
}
