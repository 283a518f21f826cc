// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { ContainerInfo } from '@lading/engine';
import { hasPair, splitPair } from '../options/key-value.ts';
import { hasEnded, healthStatus, networkNames, stateName } from './container-row.ts';
import { parseMoment } from './moment.ts';
import { namePattern } from './name-pattern.ts';

/** What filters look at beside the container itself. */
export interface FilterContext {
  readonly all: readonly ContainerInfo[];
  /** Ids by name. */
  readonly pods?: ReadonlyMap<string, string> | undefined;
}

type Test = (container: ContainerInfo, value: string, context: FilterContext) => boolean;

const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['id', ({ id }, value) => id.startsWith(value.toLowerCase())],
  ['name', ({ name }, value) => namePattern(value).test(name)],
  ['label', ({ options }, value) => hasPair(options.labels ?? {}, value)],
  ['status', (container, value) => stateName(container) === (value === 'stopped' ? 'exited' : value)],
  ['exited', (container, value) => hasEnded(container) && container.exit?.exitCode === exitCode(value)],
  ['ancestor', isMadeFrom],
  ['pod', isInPod],
  ['health', (container, value) => healthStatus(container) === value],
  ['restart-policy', ({ options }, value) => (options.restartPolicy?.name ?? 'no') === value],
  ['until', ({ createdAt }, value) => Date.parse(createdAt) < (parseMoment(value)?.getTime() ?? 0)],
  ['volume', hasVolume],
  ['network', (container, value) => networkNames(container).includes(value)],
  ['before', (container, value, { all }) => container.createdAt < createdAt(value, all)],
  ['since', (container, value, { all }) => container.createdAt > createdAt(value, all)],
]);

/** podman's; some that containers never have here. */
export const containerStates: ReadonlySet<string> = new Set([
  ...[
    'configured',
    'created',
    'initialized',
    'running',
    'paused',
    'stopping',
    'stopped',
    'exited',
    'removing',
  ],
  'unknown',
]);

/** Those that match: of filters with one key any, of different keys all. */
export function filterContainers(
  containers: readonly ContainerInfo[],
  filters: readonly string[],
  context: FilterContext = { all: containers },
): readonly ContainerInfo[] {
  const byKey = new Map<string, string[]>();
  for (const filter of filters) {
    const [key, value] = splitPair(filter);
    if (value === undefined) throw usageError(`invalid filter: ${filter}: use KEY=VALUE`);
    if (key === 'status' && !containerStates.has(value)) {
      throw usageError(`unknown container state: ${value}: invalid argument`);
    }
    if (!tests.has(key)) throw usageError(`${key} is an invalid filter`);
    // Also when there is no container to look at.
    if (key === 'name') namePattern(value);
    if (key === 'exited') exitCode(value);
    if (key === 'until') parseMoment(value);
    if (key === 'before' || key === 'since') createdAt(value, context.all);
    byKey.set(key, [...(byKey.get(key) ?? []), value]);
  }
  return containers.filter((container) =>
    [...byKey].every(([key, values]) => {
      const holds = (value: string): boolean => tests.get(key)?.(container, value, context) === true;
      // A container must have all the labels, but can have one state only.
      return key === 'label' ? values.every(holds) : values.some(holds);
    }),
  );
}

function isMadeFrom({ imageId, imageName }: ContainerInfo, value: string): boolean {
  if (/^[\da-f]{6,64}$/.test(value) && imageId.startsWith(value)) return true;
  const withTag = /[:@][^/]*$/.test(value) ? value : `${value}:latest`;
  return imageName === withTag || imageName.endsWith(`/${withTag}`);
}

function createdAt(ref: string, all: readonly ContainerInfo[]): string {
  const found = all.find(({ id, name }) => name === ref || id.startsWith(ref));
  if (found === undefined) throw usageError(`no container with name or ID "${ref}" found: no such container`);
  return found.createdAt;
}

function exitCode(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw usageError(`exited code out of range: ${JSON.stringify(text)} is no number`);
}

function isInPod({ podId = '' }: ContainerInfo, value: string, { pods }: FilterContext): boolean {
  return podId !== '' && (podId.startsWith(value) || podId === pods?.get(value));
}

/** `SOURCE` or `SOURCE:TARGET`, where the source is a path of the host or the name of a volume. */
function hasVolume({ options: { mounts = [] } }: ContainerInfo, value: string): boolean {
  const [source, target] = value.split(':', 2);
  return mounts.some((mount) => {
    if (target !== undefined && mount.target !== target) return false;
    return (
      (mount.type === 'bind' && mount.source === source) || (mount.type === 'volume' && mount.name === source)
    );
  });
}
