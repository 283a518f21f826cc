// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import type { TagFilter } from '@lading/image-copy';
import { withImageRepository } from '../image-repository.ts';
import { patternOf } from '../pattern-of.ts';
import { signalOf, withRetries } from '../retry.ts';

/** Tags that cosign and registries without a list of referrers make of digests. */
const digestTag = /^sha\d+-[0-9a-f]{64,128}(?:\.|$)/;

export async function run(call: CommandCall): Promise<number> {
  const [text = ''] = call.args;
  const choose = await chooser(call);
  const signal = signalOf(call);
  const tags = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'read', ({ repository }) => Array.fromAsync(repository.tags({ signal }))),
  );
  const shown = choose(tags);
  if (shown.length > 0) await call.environment.stdout(`${shown.map(singleLine).join('\n')}\n`);
  return 0;
}

/** The flags are looked at before a registry is asked. */
async function chooser({ flags }: CommandCall): Promise<(tags: readonly string[]) => readonly string[]> {
  const [included, excluded] = [
    await patterns(flags.strings('include')),
    await patterns(flags.strings('exclude')),
  ];
  const isWanted: TagFilter = (tag) =>
    !(flags.boolean('omit-digest-tags') && digestTag.test(tag)) &&
    (included.length === 0 || included.some((matches) => matches(tag))) &&
    !excluded.some((matches) => matches(tag));
  const limit = flags.given('limit') ? flags.int('limit') : undefined;
  if (limit !== undefined && limit < 1)
    throw usageError('--limit is a number from 1 on; without it all are listed');
  const last = flags.string('last');
  return (tags) => {
    const wanted = tags.filter(isWanted);
    if (limit === undefined && last === undefined) return wanted;
    // Registries have orders of their own, and by some of them a page would leave tags out.
    const sorted = wanted.filter((tag) => last === undefined || tag > last).toSorted();
    return sorted.slice(0, limit);
  };
}

/** The whole tag has to match, as for regctl. */
function patterns(given: readonly string[]): Promise<readonly TagFilter[]> {
  return Promise.all(given.map((pattern) => patternOf(pattern, { whole: true })));
}
