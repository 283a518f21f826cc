// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import { isJsonFormat, renderReport } from '@lading/go-template';
import type { FoundRepository } from '@lading/registry-client';
import { registryContext } from '../options/registry-context.ts';
import { readSearchFilters } from '../search/search-filter.ts';
import {
  askRegistries,
  type SearchPlace,
  searchPlaces,
  searchRegistry,
} from '../search/search-registries.ts';

const usualLimit = 25;
const usual = 'table {{.Name}}\t{{.Description}}';
const compatible = `${usual}\t{{.Stars}}\t{{.Official}}\t{{.Automated}}`;
/** What of a description a table shows. */
const shownLength = 44;

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const [text = ''] = args;
  const filters = flags.strings('filter');
  const limit = flags.int('limit') ?? usualLimit;
  if (limit < 0) throw usageError('--limit cannot be negative');
  const matches = readSearchFilters(filters);
  const listsTags = flags.boolean('list-tags');
  if (listsTags && filters.length > 0) throw usageError('filters are not applicable to list tags result');
  const { registries } = await registryContext(call);
  const places = searchPlaces(listsTags ? text.replace(/^docker:\/\//, '') : text, registries);
  if (listsTags) await listTags(call, places, limit || usualLimit);
  else await search(call, places, limit || usualLimit, matches);
  return 0;
}

async function search(
  call: CommandCall,
  places: readonly SearchPlace[],
  limit: number,
  matches: (found: FoundRepository) => boolean,
): Promise<void> {
  const { flags, environment } = call;
  const format = flags.string('format') || (flags.boolean('compatible') ? compatible : usual);
  const isWhole = flags.boolean('no-trunc') || isJsonFormat(format);
  const rows = await askRegistries(call, places, async (client, place) => {
    const found = await searchRegistry(client, place, limit, environment.signal);
    return found.filter(matches).map((one) => rowOf(place.host, one, isWhole));
  });
  if (rows.length > 0) await environment.stdout(renderReport(format, rows, { name: 'search', headers: {} }));
}

function rowOf(
  host: string,
  { name, description, stars, isOfficial, isAutomated }: FoundRepository,
  isWhole: boolean,
) {
  const text = singleLine(description.replaceAll('\n', ' '));
  const isHub = host === 'docker.io' && !name.includes('/');
  return {
    Index: host,
    Name: singleLine(`${host}/${isHub ? 'library/' : ''}${name}`),
    Description: isWhole || text.length <= shownLength ? text : `${text.slice(0, shownLength)}...`,
    Stars: stars,
    Official: isOfficial ? '[OK]' : '',
    Automated: isAutomated ? '[OK]' : '',
    Tag: '',
  };
}

async function listTags(call: CommandCall, places: readonly SearchPlace[], limit: number): Promise<void> {
  const { flags, environment } = call;
  const { signal } = environment;
  const lists = await askRegistries(call, places, async (client, { host, term }) => {
    const { parseFamiliarReference } = await import('@lading/image-spec');
    const { repository } = parseFamiliarReference(`${host}/${term}`);
    const tags: string[] = [];
    for await (const tag of client.repository({ host, repository }).tags({ signal })) {
      tags.push(tag);
      if (tags.length >= limit) break;
    }
    return tags.length === 0 ? [] : [{ Name: `${host}/${repository}`, Tags: tags }];
  });
  const rows = lists.flatMap(({ Name, Tags }) => Tags.map((Tag) => ({ Name, Tag })));
  if (rows.length === 0) return;
  const format = flags.string('format') || 'table {{.Name}}\t{{.Tag}}';
  await environment.stdout(renderReport(format, rows, { name: 'search', headers: {}, json: lists }));
}
