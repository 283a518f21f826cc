// SPDX-License-Identifier: Apache-2.0
import { oneLine } from './errors.ts';
import type { ResponseHeaders } from './response-headers.ts';

/**
 * How many requests a registry takes, as its headers say.
 *
 * @example
 * ```ts
 * import { createRegistryClient, type RateLimit } from '@lading/registry-client';
 * import { startRegistry } from '@lading/registry';
 *
 * await using registry = await startRegistry();
 * await using client = createRegistryClient({ tlsVerify: false });
 * const { manifests } = client.repository(`${registry.host}/demo`);
 * await manifests.push(Buffer.from('{"schemaVersion":2,"manifests":[]}'), {
 *   mediaType: 'application/vnd.oci.image.index.v1+json',
 *   tag: 'v1',
 * });
 * const limit: RateLimit | undefined = await manifests.rateLimit('v1');
 * console.log(limit); // → undefined
 * ```
 */
export interface RateLimit {
  /** In a window. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Seconds until a new window begins. */
  readonly resetSeconds: number | undefined;
  /** What the registry says of its windows, word for word: `100;w=21600` for a hundred in six hours. */
  readonly policies: readonly string[];
}

/** Reads the headers `RateLimit-…`, or the older `X-RateLimit-…`; undefined where there are none. */
export function parseRateLimit(headers: ResponseHeaders): RateLimit | undefined {
  for (const prefix of ['ratelimit-', 'x-ratelimit-']) {
    const words = (name: string): readonly string[] =>
      (headers.get(prefix + name) ?? '')
        .split(',')
        .map((word) => oneLine(word.trim(), 100))
        .filter((word) => word !== '')
        .slice(0, 20);
    const [limits, remaining, reset] = [words('limit'), words('remaining'), words('reset')];
    if (limits.length + remaining.length + reset.length === 0) continue;
    return {
      limit: countOf(limits),
      remaining: countOf(remaining),
      resetSeconds: countOf(reset),
      policies: [...limits, ...words('policy')].filter((word) => word.includes(';')),
    };
  }
  return undefined;
}

/** The first number counts; what comes behind a semicolon is a policy. */
function countOf([word = '']: readonly string[]): number | undefined {
  const [, digits] = /^(\d{1,15})(?:\s*;.*)?$/.exec(word) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
