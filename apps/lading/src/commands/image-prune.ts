// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { splitPair } from '../options/key-value.ts';
import { parseMoment } from './logs.ts';

type Labels = Readonly<Record<string, string>>;

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const all = flags.boolean('all');
  const { createdBefore, matches } = parseFilters(flags.strings('filter'));
  if (!flags.boolean('force') && !(await isSure(call, all))) return 0;
  return withEngine(call, async ({ store, images }) => {
    // By id: what is asked of the store is in its own terms, labels are in the image's config.
    const labels = new Map((await images.list()).map((image) => [image.id, image.labels]));
    const pruned = await store.prune({
      all,
      createdBefore,
      filter: ({ id }) => matches(labels.get(id) ?? {}),
      signal: environment.signal,
    });
    await environment.stdout(pruned.images.map(({ id }) => `${id}\n`).join(''));
    return 0;
  });
}

/** `until=MOMENT`, `label=KEY[=VALUE]`, `label!=KEY[=VALUE]`; all must hold. */
export function parseFilters(filters: readonly string[]): {
  readonly createdBefore: Date | undefined;
  readonly matches: (labels: Labels) => boolean;
} {
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
    const [name, wanted] = splitPair(value);
    const isThere = (labels: Labels): boolean =>
      Object.hasOwn(labels, name) && (wanted === undefined || labels[name] === wanted);
    conditions.push(key === 'label' ? isThere : (labels) => !isThere(labels));
  }
  return { createdBefore, matches: (labels) => conditions.every((holds) => holds(labels)) };
}

async function isSure({ environment }: CommandCall, all: boolean): Promise<boolean> {
  const what = all ? 'all images without at least one container associated with them' : 'all dangling images';
  await environment.stdout(
    `WARNING! This command removes ${what}.\nAre you sure you want to continue? [y/N] `,
  );
  let answer = '';
  for await (const chunk of environment.stdin) {
    answer += Buffer.from(chunk).toString('latin1');
    if (answer.includes('\n') || answer.length > 100) break;
  }
  return /^y/i.test(answer);
}
