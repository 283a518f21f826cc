// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { isJsonFormat, parseTemplate, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { readEventFilters } from '../output/event-filter.ts';
import { eventDetails, eventLine, eventRow } from '../output/event-row.ts';
import { parseEnd, parseMoment } from '../output/moment.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { signal } = environment;
  const matches = readEventFilters(flags.strings('filter'));
  const format = flags.string('format') || undefined;
  const isJson = format !== undefined && isJsonFormat(format);
  const template = format === undefined || isJson ? undefined : parseTemplate(format, { name: 'events' });
  const isShort = !flags.boolean('no-trunc');
  const until = parseEnd(flags.string('until'));
  const follow = flags.boolean('stream') && (until === undefined || until.getTime() > Date.now());
  // Without a time to begin with, who waits for events wants those to come.
  const since =
    parseMoment(flags.string('since')) ?? (follow && until === undefined ? new Date() : undefined);
  await withEngine(call, async (engine) => {
    for await (const event of engine.eventLog({ since, until, follow, signal })) {
      const row = eventRow(event);
      if (!matches(row)) continue;
      const line = isJson ? toJson(eventDetails(row)) : template?.render(row);
      await environment.stdout(`${line ?? eventLine(row, isShort)}\n`);
    }
  });
  return 0;
}
