// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { hasPair } from '../options/key-value.ts';
import { parseMoment } from '../output/moment.ts';

type Labels = Readonly<Record<string, string>>;

/** What a `prune` takes. */
export interface PruneFilter {
  readonly createdBefore: Date | undefined;
  readonly matches: (labels: Labels) => boolean;
}

/** `until=MOMENT`, `label=KEY[=VALUE]`, `label!=KEY[=VALUE]`; all must hold. */
export function parsePruneFilter(filters: readonly string[]): PruneFilter {
  let createdBefore: Date | undefined;
  const conditions: ((labels: Labels) => boolean)[] = [];
  for (const text of filters) {
    const [, key, value = ''] = /^(label!|label|until)=(.+)$/s.exec(text) ?? [];
    if (key === undefined) {
      throw usageError(
        `invalid filter ${quote(text)}: use until=TIME, label=KEY[=VALUE] or label!=KEY[=VALUE]`,
      );
    }
    if (key === 'until') {
      createdBefore = parseMoment(value);
      continue;
    }
    conditions.push((labels) => hasPair(labels, value) === (key === 'label'));
  }
  return { createdBefore, matches: (labels) => conditions.every((holds) => holds(labels)) };
}
