// SPDX-License-Identifier: Apache-2.0
import type { Candidate, CommandCall } from '@lading/command-line';
import type { ContainerStatus } from '@lading/engine';
import { withEngine } from '../engine.ts';

const live: readonly ContainerStatus[] = ['running'];
const still: readonly ContainerStatus[] = ['created', 'exited', 'stopped'];

/** The states in which a command has something to do with a container; any for those that are not here. */
const states: ReadonlyMap<string, readonly ContainerStatus[]> = new Map([
  ['attach', live],
  ['exec', live],
  ['init', still],
  ['kill', live],
  ['pause', live],
  ['stop', ['running', 'paused', 'initialized']],
  ['top', live],
  ['start', [...still, 'initialized']],
  ['unpause', ['paused']],
]);

/** Containers that the command of `call` can do something to. */
export async function containerNames(call: CommandCall, word: string): Promise<readonly Candidate[]> {
  const wanted = states.get(call.command.name);
  const all = await withEngine(call, ({ containers }) => containers.list({ all: true }));
  return all
    .filter(({ status }) => wanted?.includes(status) ?? true)
    .flatMap(({ id, name, options: { image } }) => [{ value: name, help: image }, ...idIf(id, word, name)]);
}

/** Ids are offered to those who have begun one: a list of names is easier to read without. */
export function idIf(id: string, word: string, help: string): readonly Candidate[] {
  const plain = id.replace(/^sha256:/, '');
  return word.length >= 2 && plain.startsWith(word) ? [{ value: plain.slice(0, 12), help }] : [];
}
