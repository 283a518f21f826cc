// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine, PodInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { readPodIdFile } from '../../container/pod-id-file.ts';
import { withSharedFlags } from '../../options/shared-flags.ts';
import type { PodWithContainers } from '../../output/pod-row.ts';
import { latestPod } from './latest-pod.ts';

/** Every pod with its containers, the oldest first. */
export async function allPods({ containers, pods }: Engine): Promise<readonly PodWithContainers[]> {
  const [found, all] = await Promise.all([containers.list({ all: true }), pods.list()]);
  const oldestFirst = (a: { createdAt: string }, b: { createdAt: string }): number =>
    a.createdAt < b.createdAt ? -1 : 1;
  return all.toSorted(oldestFirst).map((pod) => withContainers(pod, found.toSorted(oldestFirst)));
}

export async function findPod({ containers, pods }: Engine, name: string): Promise<PodWithContainers> {
  const pod = await pods.inspect(name).catch((error: unknown) => {
    const failure = LadingError.from(error);
    if (failure.code !== Code.NotFound) throw failure;
    throw new LadingError(Code.NotFound, `no pod with name or ID ${name} found: no such pod`);
  });
  return withContainers(pod, await containers.list({ all: true }));
}

/**
 * The pods that a command names, by argument or by `--pod-id-file`, with `--latest` the one made last, or with `--all`
 * every one; by their names or ids as given.
 */
export async function namedPods(call: CommandCall, engine: Engine): Promise<readonly string[]> {
  const { args, environment, flags } = withSharedFlags(call);
  const all = flags.boolean('all');
  const latest = flags.boolean('latest');
  const files = flags.strings('pod-id-file');
  if (all && latest) throw usageError('--all and --latest cannot be used together');
  if (!all && !latest && args.length + files.length === 0) {
    throw usageError('you must provide at least one name or id');
  }
  if ((all || latest) && args.length + files.length > 0) {
    throw usageError(`--${all ? 'all' : 'latest'} and pods cannot be used together`);
  }
  if (latest) return [await latestPod(engine)];
  if (all) return (await allPods(engine)).map(({ pod }) => pod.id);
  return [...args, ...(await Promise.all(files.map((file) => readPodIdFile(file, environment.cwd))))];
}

function withContainers(pod: PodInfo, all: readonly ContainerInfo[]): PodWithContainers {
  return { pod, containers: all.filter(({ podId }) => podId === pod.id) };
}
