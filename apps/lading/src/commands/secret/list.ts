// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { SecretInfo } from '@lading/engine';
import { isJsonFormat, quote, renderReport, toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { splitPair } from '../../options/key-value.ts';
import { secretDetails, secretHeaders, secretRow } from '../../output/secret-row.ts';

const usual = 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.CreatedAt}}\t{{.UpdatedAt}}';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const matches = readFilters(flags.strings('filter'));
  const secrets = (await withEngine(call, (engine) => engine.secrets.list())).filter(matches);
  const format = flags.string('format') || usual;
  const noHeading = flags.boolean('noheading');
  if (flags.boolean('quiet')) await environment.stdout(secrets.map(({ id }) => `${id}\n`).join(''));
  else if (isJsonFormat(format)) {
    await environment.stdout(
      `${toJson(
        secrets.map((secret) => secretDetails(secret)),
        4,
      )}\n`,
    );
  } else {
    const rows = secrets.map((secret) => secretRow(secret));
    await environment.stdout(
      renderReport(format, rows, { name: 'secret ls', headers: secretHeaders, noHeading }),
    );
  }
  return 0;
}

/** Of filters with one key any counts, of both keys both. */
function readFilters(filters: readonly string[]): (secret: SecretInfo) => boolean {
  const wanted: { name: string[]; id: string[] } = { name: [], id: [] };
  for (const filter of filters) {
    const [key, value] = splitPair(filter);
    if (value === undefined) throw usageError(`invalid filter: ${quote(filter)}: use KEY=VALUE`);
    if (key !== 'name' && key !== 'id')
      throw usageError(`${quote(key)} is an invalid secret filter: use id or name`);
    wanted[key].push(value);
  }
  return ({ name, id }) =>
    (wanted.name.length === 0 || wanted.name.some((text) => name.includes(text))) &&
    (wanted.id.length === 0 || wanted.id.some((text) => id.startsWith(text)));
}
