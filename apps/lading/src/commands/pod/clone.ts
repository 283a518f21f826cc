// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerOptions, Engine, NamespaceOptions } from '@lading/engine';
import { copyName, copyOf } from '../../container/copy-of.ts';
import { makePod } from '../../container/make-pod.ts';
import { withEngine } from '../../engine.ts';
import { changePod } from '../../options/pod-changes.ts';
import { withSharedFlags } from '../../options/shared-flags.ts';
import type { PodWithContainers } from '../../output/pod-row.ts';
import { findPod } from './named-pods.ts';
import { startPod } from './start.ts';

export async function run(given: CommandCall): Promise<number> {
  const call = withSharedFlags(given);
  const { args, environment, flags } = call;
  const { signal } = environment;
  const [source = '', second] = args;
  return withEngine(call, async (engine) => {
    const original = await findPod(engine, source);
    const options = await changePod(call, original.pod.options);
    const name = second ?? (flags.string('name') || (await copyName(engine, original.pod.name)));
    // Its ports may be those of the original, which has them.
    const { id } = await makePod(call, engine, { ...options, name }, { start: false });
    try {
      await copyContainers(engine, original, id, signal);
      if (flags.boolean('destroy')) {
        await engine.pods.remove(original.pod.id, { force: true, timeoutMs: 10_000, signal });
      }
    } catch (error) {
      await engine.pods.remove(id, { force: true, ignoreMissing: true });
      throw error;
    }
    if (flags.boolean('start')) await startPod(engine, id, signal);
    await environment.stdout(`${id}\n`);
    return 0;
  });
}

/** The oldest first: what one requires of the others are copies, too. */
async function copyContainers(
  engine: Engine,
  { pod, containers }: PodWithContainers,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  const copies = new Map<string, string>();
  for (const container of containers.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))) {
    const copy = await copyOf(engine, container, await copyName(engine, container.name));
    const { hostname, ...options } = amongCopies(copy, copies);
    const ownName = hostname !== undefined && hostname !== pod.hostname && { hostname };
    const { id } = await engine.containers.create({ ...options, ...ownName, pod: into }, { signal });
    copies.set(container.id, id);
  }
}

function amongCopies(options: ContainerOptions, copies: ReadonlyMap<string, string>): ContainerOptions {
  const { namespaces = {}, requires = [] } = options;
  const moved = { ...namespaces };
  for (const [kind, choice] of Object.entries(namespaces)) {
    const copy = copies.get(String(choice).replace(/^container:/, ''));
    if (copy !== undefined) Object.assign(moved, { [kind]: `container:${copy}` } satisfies NamespaceOptions);
  }
  return {
    ...options,
    ...(Object.keys(moved).length > 0 && { namespaces: moved }),
    ...(requires.length > 0 && { requires: requires.map((id) => copies.get(id) ?? id) }),
  };
}
