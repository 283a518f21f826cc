// SPDX-License-Identifier: Apache-2.0
import { oneLine } from './errors.ts';

/** A text that a registry wants people to see; programs must not act on it. */
export interface RegistryWarning {
  readonly host: string;
  readonly text: string;
}

/** The spec allows 4,096 bytes of warnings an answer; as many different ones are remembered as fit a screen or two. */
const longestHeader = 4096;
const mostWarnings = 100;

/**
 * Hands each Warning of the form `299 - "text"` on once.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
 */
export function createWarningFilter(
  onWarning: ((warning: RegistryWarning) => void) | undefined,
): (host: string, headers: Headers) => void {
  const seen = new Set<string>();
  return (host, headers) => {
    const header = headers.get('warning');
    if (header === null || onWarning === undefined) return;
    for (const [, quoted = ''] of header.slice(0, longestHeader).matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)) {
      const text = oneLine(quoted.replaceAll(/\\(.)/g, '$1'), longestHeader);
      const key = `${host} ${text}`;
      if (seen.has(key) || seen.size >= mostWarnings) continue;
      seen.add(key);
      onWarning({ host, text });
    }
  };
}
