// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { filterNetworks } from '../../network/filter-networks.ts';
import { listNetworks } from '../../network/networks.ts';
import { goNames, networkDetails } from '../../output/network-details.ts';

const headers = {
  ID: 'NETWORK ID',
  Name: 'NAME',
  Driver: 'DRIVER',
  Labels: 'LABELS',
  Created: 'CREATED',
  NetworkInterface: 'NETWORK INTERFACE',
  Internal: 'INTERNAL',
  IPv6Enabled: 'IPV6 ENABLED',
  DNSEnabled: 'DNS ENABLED',
  Options: 'OPTIONS',
};

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const all = await listNetworks(call);
  const networks = (await filterNetworks(call, all, flags.strings('filter'))).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const truncate = !flags.boolean('no-trunc');
  const rows = networks.map((network) => ({
    ...goNames(networkDetails(network)),

    ID: truncate ? network.id.slice(0, 12) : network.id,
    Name: network.name,
    Driver: network.driver,
    Labels: Object.entries(network.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Created: new Date(network.created),
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
