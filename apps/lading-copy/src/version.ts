// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** The version of this package; the file is one folder up from the sources and from what is built. */
export function ladingCopyVersion(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
  return 'unknown';
}
