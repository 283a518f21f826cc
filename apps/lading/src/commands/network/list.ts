// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { isJsonFormat, quote, renderReport, renderTable, toJson } from '@lading/go-template';
import { listNetworks, type NamedNetwork } from '../../network/networks.ts';
import { splitPair } from '../../options/key-value.ts';
import { networkDetails } from '../../output/network-details.ts';

const headers = { ID: 'NETWORK ID', Name: 'NAME', Driver: 'DRIVER', Labels: 'LABELS', Created: 'CREATED' };

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const tests = flags.strings('filter').map(testOf);
  const networks = (await listNetworks(call))
    .filter((network) => tests.every((test) => test(network)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const truncate = !flags.boolean('no-trunc');
  const rows = networks.map(({ id, name, driver, labels, created }) => ({
    ID: truncate ? id.slice(0, 12) : id,
    Name: name,
    Driver: driver,
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Created: new Date(created),
  }));
  const noHeading = flags.boolean('noheading');
  const format = flags.string('format') ?? '';
  if (flags.boolean('quiet')) await environment.stdout(rows.map(({ Name }) => `${Name}\n`).join(''));
  else if (isJsonFormat(format)) await environment.stdout(`${toJson(networks.map(networkDetails), 5)}\n`);
  else if (format !== '') {
    await environment.stdout(renderReport(format, rows, { name: 'network ls', headers, noHeading }));
  } else {
    const cells = rows.map(({ ID, Name, Driver }) => [ID, Name, Driver]);
    await environment.stdout(
      renderTable(cells, noHeading ? {} : { header: ['NETWORK ID', 'NAME', 'DRIVER'] }),
    );
  }
  return 0;
}

function testOf(filter: string): (network: NamedNetwork) => boolean {
  const [key, value] = splitPair(filter);
  if (value === undefined) throw usageError(`invalid filter: ${quote(filter)}: use KEY=VALUE`);
  switch (key) {
    case 'name':
      return ({ name }) => name.includes(value);
    case 'id':
      return ({ id }) => id.startsWith(value);
    case 'driver':
      return ({ driver }) => driver === value;
    case 'label': {
      const [name, wanted] = splitPair(value);
      return ({ labels }) => Object.hasOwn(labels, name) && (wanted === undefined || labels[name] === wanted);
    }
    default:
      throw usageError(`invalid filter ${quote(key)}: use name, id, driver or label`);
  }
}
