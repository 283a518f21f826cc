// SPDX-License-Identifier: Apache-2.0
import { oneLine } from './errors.ts';
import type { TransportResponse } from './transport.ts';

/** A text that a registry wants people to see; programs must not act on it. */
export interface RegistryWarning {
  readonly host: string;
  readonly text: string;
}

/** The spec allows 4,096 bytes of warnings an answer; of a host as many different ones are told as fit a screen or two. */
const longestHeader = 4096;
const mostWarnings = 100;
const mostHosts = 1000;

/**
 * Hands each Warning of the form `299 - "text"` on once.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
 */
export function createWarningFilter(
  onWarning: ((warning: RegistryWarning) => void) | undefined,
): (host: string, headers: TransportResponse['headers']) => void {
  const seen = new Map<string, Set<string>>();
  return (host, headers) => {
    const header = headers.get('warning');
    if (header === null || onWarning === undefined) return;
    const told = seen.get(host) ?? new Set();
    if (told.size === 0 && seen.size >= mostHosts) return;
    seen.set(host, told);
    for (const [, quoted = ''] of header.slice(0, longestHeader).matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)) {
      const text = oneLine(quoted.replaceAll(/\\(.)/g, '$1'), longestHeader);
      if (text === '' || told.has(text) || told.size >= mostWarnings) continue;
      told.add(text);
      onWarning({ host, text });
    }
  };
}
