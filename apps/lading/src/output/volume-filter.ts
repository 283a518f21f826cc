// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { Engine, VolumeInfo } from '@lading/engine';
import { quote } from '@lading/go-template';
import { hasPair, splitPair } from '../options/key-value.ts';
import { parseMoment } from './moment.ts';
import { namePattern } from './name-pattern.ts';

type Test = (volume: VolumeInfo) => boolean;

/** Those that match: of filters with one key any, of labels and different keys all. */
export async function filterVolumes(
  engine: Engine,
  volumes: readonly VolumeInfo[],
  filters: readonly string[],
): Promise<readonly VolumeInfo[]> {
  const byKey = new Map<string, Test[]>();
  for (const filter of filters) {
    const [key, value] = splitPair(filter);
    if (value === undefined) throw usageError(`invalid filter: ${quote(filter)}: use KEY=VALUE`);
    byKey.set(key, [...(byKey.get(key) ?? []), await testOf(engine, key, value)]);
  }
  return volumes.filter((volume) =>
    [...byKey].every(([key, tests]) =>
      key.startsWith('label') ? tests.every((test) => test(volume)) : tests.some((test) => test(volume)),
    ),
  );
}

async function testOf(engine: Engine, key: string, value: string): Promise<Test> {
  switch (key) {
    case 'name': {
      const pattern = namePattern(value);
      return ({ name }) => pattern.test(name);
    }
    case 'driver':
    case 'scope':
      return () => value === 'local';
    case 'label':
      return ({ labels }) => hasPair(labels, value);
    case 'label!':
      return ({ labels }) => !hasPair(labels, value);
    case 'opt':
      return ({ driverOptions = {} }) => hasPair(driverOptions, value);
    case 'until': {
      const before = parseMoment(value);
      return ({ createdAt }) => before !== undefined && new Date(createdAt) < before;
    }
    case 'dangling': {
      if (value !== 'true' && value !== 'false') throw usageError(`invalid filter: dangling=${quote(value)}`);
      const containers = await engine.containers.list({ all: true });
      const used = new Set(
        containers.flatMap(({ options }) =>
          (options.mounts ?? []).flatMap((mount) => (mount.type === 'volume' ? [mount.name] : [])),
        ),
      );
      return ({ name }) => used.has(name) === (value === 'false');
    }
    default:
      throw usageError(`${quote(key)} is an invalid volume filter`);
  }
}
