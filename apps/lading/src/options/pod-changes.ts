// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerMount, PodOptions } from '@lading/engine';
import { readPodNamespace } from './pod-namespaces.ts';
import { readPodOptions } from './pod-options.ts';

/** The options of a pod with what the flags of `pod clone` have other than that. */
export async function changePod(call: CommandCall, former: PodOptions): Promise<PodOptions> {
  const { flags } = call;
  const asked = await readPodOptions(call);
  const { idMaps: _ids, autoIdMaps: _choice, ...original } = former;
  const { containerDefaults: own = {}, namespaces, resources } = original;
  const { shmSizeBytes } = flags.given('shm-size') ? asked : original;
  const { containerDefaults: more = {} } = asked;
  const limits = { ...resources, ...asked.resources };
  return {
    ...original,
    ...(asked.hostname !== undefined && { hostname: asked.hostname }),
    ...(asked.cgroupParent !== undefined && { cgroupParent: asked.cgroupParent }),
    ...(asked.monitorPidFile !== undefined && { monitorPidFile: asked.monitorPidFile }),
    ...(idsOf(asked) ?? idsOf(former)),
    ...((resources !== undefined || Object.keys(limits).length > 0) && { resources: limits }),
    ...(shmSizeBytes !== undefined && { shmSizeBytes }),
    namespaces: {
      ...namespaces,
      ...changed('pid', namespaces?.pid ?? 'private'),
      ...changed('uts', namespaces?.uts ?? 'pod'),
    },
    labels: { ...original.labels, ...asked.labels },
    sysctls: { ...original.sysctls, ...asked.sysctls },
    containerDefaults: {
      ...own,
      ...more,
      devices: [...(own.devices ?? []), ...(more.devices ?? [])],
      mounts: over(own.mounts, more.mounts),
    },
  };

  function changed(kind: 'pid' | 'uts', former: string): PodOptions['namespaces'] {
    if (!flags.given(kind)) return {};
    if (former !== 'private') return { [kind]: readPodNamespace(flags, kind) };
    throw usageError(`--${kind} is of pods whose containers share that namespace, and this one's do not`);
  }
}

/** Ids that were chosen are the original's: others are chosen for the copy. */
function idsOf({ autoIdMaps, idMaps }: PodOptions): Pick<PodOptions, 'autoIdMaps' | 'idMaps'> | undefined {
  return autoIdMaps ? { autoIdMaps } : idMaps && { idMaps };
}

function over(
  former: readonly ContainerMount[] = [],
  more: readonly ContainerMount[] = [],
): readonly ContainerMount[] {
  return [...former.filter(({ target }) => !more.some((mount) => mount.target === target)), ...more];
}
