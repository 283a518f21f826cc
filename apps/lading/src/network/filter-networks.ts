// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { hasPair, splitPair } from '../options/key-value.ts';
import { parseMoment } from '../output/moment.ts';
import { namePattern } from '../output/name-pattern.ts';
import { type NamedNetwork, usersOf } from './networks.ts';

type Test = (network: NamedNetwork) => boolean;

/** Those that match: of filters with one key any, of labels and different keys all. */
export async function filterNetworks(
  call: CommandCall,
  networks: readonly NamedNetwork[],
  filters: readonly string[],
): Promise<readonly NamedNetwork[]> {
  const byKey = new Map<string, Test[]>();
  for (const filter of filters) {
    const [key, value] = splitPair(filter);
    if (value === undefined) throw usageError(`invalid filter: ${quote(filter)}: use KEY=VALUE`);
    byKey.set(key, [...(byKey.get(key) ?? []), await testOf(call, networks, key, value)]);
  }
  return networks.filter((network) =>
    [...byKey].every(([key, tests]) =>
      key.startsWith('label') ? tests.every((test) => test(network)) : tests.some((test) => test(network)),
    ),
  );
}

async function testOf(
  call: CommandCall,
  networks: readonly NamedNetwork[],
  key: string,
  value: string,
): Promise<Test> {
  switch (key) {
    case 'name': {
      const pattern = namePattern(value);
      return ({ name }) => pattern.test(name);
    }
    case 'id':
      return ({ id }) => id.startsWith(value);
    case 'driver':
      return ({ driver }) => driver === value;
    case 'label':
      return ({ labels }) => hasPair(labels, value);
    case 'label!':
      return ({ labels }) => !hasPair(labels, value);
    case 'until': {
      const limit = parseMoment(value)?.getTime() ?? 0;
      return ({ created }) => Date.parse(created) < limit;
    }
    case 'dangling': {
      if (value !== 'true' && value !== 'false') {
        throw usageError(`invalid filter ${quote(`dangling=${value}`)}: use true or false`);
      }
      const containers = await withEngine(call, (engine) => engine.containers.list({ all: true }));
      const isUsed: Test = (network) => usersOf(network, containers, network === networks[0]).length > 0;
      return (network) => isUsed(network) === (value === 'false');
    }
    default:
      throw usageError(
        `invalid filter ${quote(key)}: use name, id, driver, label, label!, until or dangling`,
      );
  }
}
