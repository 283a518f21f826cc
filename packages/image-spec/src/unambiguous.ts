// SPDX-License-Identifier: Apache-2.0
import { describe, invalid, type Rule } from '@lading/document';

/**
 * Refuses a document that two programs could read as two documents behind one digest:
 * - one with members of the other kind, as a manifest that lists manifests (CVE-2021-41190);
 * - one with a member that differs from a known one in case alone, since Go takes `Layers` for `layers`.
 */
export function unambiguous<T extends object>(
  rule: Rule<T>,
  names: readonly (keyof T & string)[],
  foreign: readonly string[] = [],
): Rule<T> {
  const known: ReadonlySet<string> = new Set(names);
  const taken = new Set([...names, ...foreign].map(foldCase));
  return (value, at) => {
    const checked = rule(value, at);
    for (const [name, member] of Object.entries(checked)) {
      if (known.has(name) || member === null || !taken.has(foldCase(name))) continue;
      throw invalid(
        /^\w+$/.test(name) ? `${at}.${name}` : `${at}[${describe(name)}]`,
        'no such member here',
        member,
      );
    }
    return checked;
  };
}

/** As Go does it: also the long s and the Kelvin sign count as s and k. */
function foldCase(name: string): string {
  return name.toUpperCase().toLowerCase();
}
