// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { hasPair, splitPair } from '../options/key-value.ts';
import { containerStates } from './container-filter.ts';
import { stateName } from './container-row.ts';
import { parseMoment } from './moment.ts';
import { namePattern } from './name-pattern.ts';
import { type PodWithContainers, podState } from './pod-row.ts';

type Test = (pod: PodWithContainers, value: string) => boolean;

const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['id', ({ pod }, value) => pod.id.startsWith(value.toLowerCase())],
  ['name', ({ pod }, value) => namePattern(value).test(pod.name)],
  ['until', ({ pod }, value) => Date.parse(pod.createdAt) < (parseMoment(value)?.getTime() ?? 0)],
  ['label', ({ pod }, value) => hasPair(pod.options.labels ?? {}, value)],
  ['network', ({ pod }, value) => pod.networks.some(({ network }) => network === value)],
  ['status', (pod, value) => podState(pod).toLowerCase() === value.toLowerCase()],
  ['ctr-ids', ({ containers }, value) => containers.some(({ id }) => id.startsWith(value))],
  ['ctr-names', ({ containers }, value) => containers.some(({ name }) => name.includes(value))],
  ['ctr-number', ({ containers }, value) => String(containers.length) === value],
  ['ctr-status', ({ containers }, value) => containers.some((one) => stateName(one) === value)],
]);

const podStates: ReadonlySet<string> = new Set([
  ...['stopped', 'running', 'paused', 'exited', 'dead', 'created', 'degraded'],
]);

/** Those that match: of filters with one key any, of different keys all; a pod must have all labels. */
export function filterPods(
  pods: readonly PodWithContainers[],
  filters: readonly string[],
): readonly PodWithContainers[] {
  const byKey = new Map<string, string[]>();
  for (const filter of filters) {
    const [key, value] = splitPair(filter);
    if (value === undefined) throw usageError(`invalid filter: ${filter}: use KEY=VALUE`);
    if (!tests.has(key)) throw usageError(`${key} is an invalid filter`);
    if (key === 'name') namePattern(value);
    if (key === 'until') parseMoment(value);
    if (key === 'status' && !podStates.has(value.toLowerCase())) {
      throw usageError(`${value} is not a valid pod status`);
    }
    if (key === 'ctr-status' && !containerStates.has(value)) {
      throw usageError(`${value} is not a valid status`);
    }
    byKey.set(key, [...(byKey.get(key) ?? []), value]);
  }
  return pods.filter((pod) =>
    [...byKey].every(([key, values]) => {
      const holds = (value: string): boolean => tests.get(key)?.(pod, value) === true;
      return key === 'label' ? values.every(holds) : values.some(holds);
    }),
  );
}
