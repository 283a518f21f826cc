// SPDX-License-Identifier: Apache-2.0
import { humanAge } from '@lading/command-line';
import type { ContainerInfo, PodInfo } from '@lading/engine';
import { stateName } from './container-row.ts';

/** Titles of `pod ps` columns, by the name of the field. */
export const podHeaders: Readonly<Record<string, string>> = {
  Id: 'POD ID',
  ID: 'POD ID',
  Name: 'NAME',
  Status: 'STATUS',
  Created: 'CREATED',
  InfraID: 'INFRA ID',
  InfraId: 'INFRA ID',
  NumberOfContainers: '# OF CONTAINERS',
  Containers: 'CONTAINERS',
  ContainerIds: 'IDS',
  ContainerNames: 'NAMES',
  ContainerStatuses: 'STATUS',
  Cgroup: 'CGROUP',
  Labels: 'LABELS',
  Namespace: 'NAMESPACES',
  Networks: 'NETWORKS',
};

/** A pod with its containers. */
export interface PodWithContainers {
  readonly pod: PodInfo;
  readonly containers: readonly ContainerInfo[];
}

/** A container of a pod as `pod ps` shows it. */
interface PodContainer {
  readonly Id: string;
  readonly Names: string;
  readonly Status: string;
}

/** One pod as `pod ps` shows it; field names are podman's. */
export interface PodRow {
  readonly Id: string;
  readonly ID: string;
  readonly Name: string;
  readonly Status: string;
  readonly Created: string;
  readonly InfraID: string;
  readonly InfraId: string;
  readonly NumberOfContainers: number;
  readonly Containers: readonly PodContainer[];
  readonly ContainerIds: string;
  readonly ContainerNames: string;
  readonly ContainerStatuses: string;
  readonly Cgroup: string;
  readonly Labels: ReadonlyMap<string, string>;
  readonly Namespace: string;
  readonly Networks: readonly string[];
}

/** @param truncate whether ids are short */
export function podRow({ pod, containers }: PodWithContainers, truncate: boolean): PodRow {
  const short = (id: string): string => (truncate ? id.slice(0, 12) : id);
  return {
    Id: short(pod.id),
    ID: short(pod.id),
    Name: pod.name,
    Status: podState({ pod, containers }),
    Created: humanAge(new Date(pod.createdAt)),
    // Namespaces are pinned; nothing of podman's kind holds them.
    InfraID: '',
    InfraId: '',
    NumberOfContainers: containers.length,
    Containers: containers.map(podContainer),
    ContainerIds: containers.map(({ id }) => short(id)).join(','),
    ContainerNames: containers.map(({ name }) => name).join(','),
    ContainerStatuses: containers.map(stateName).join(','),
    Cgroup: pod.options.cgroupParent ?? '',
    Labels: new Map(Object.entries(pod.options.labels ?? {})),
    Namespace: '',
    Networks: pod.networks.map(({ network }) => network),
  };
}

function podContainer(one: ContainerInfo): PodContainer {
  return { Id: one.id, Names: one.name, Status: stateName(one) };
}

/** An element of `pod ps --format json`. */
export function podJson({ pod, containers }: PodWithContainers): Readonly<Record<string, unknown>> {
  return {
    Cgroup: pod.options.cgroupParent ?? '',
    Containers: containers.map(podContainer),
    Created: pod.createdAt,
    Id: pod.id,
    InfraId: '',
    Name: pod.name,
    Namespace: '',
    Networks: pod.networks.map(({ network }) => network),
    Status: podState({ pod, containers }),
    Labels: new Map(Object.entries(pod.options.labels ?? {})),
  };
}

/** podman's word for what the containers do together. */
export function podState({ pod, containers }: PodWithContainers): string {
  const lasting = containers.filter((one) => one.options.initOfPod === undefined || one.exit?.exitCode !== 0);
  const states = new Set(lasting.map(stateName));
  // What holds namespaces is stopped even without a container that has run.
  const isStopped =
    pod.readyAt !== undefined && pod.stoppedAt !== undefined && Object.keys(pod.namespaces).length > 0;
  if (states.size === 0 && isStopped) return 'Exited';
  if (states.size === 0 || (states.size === 1 && states.has('created'))) return 'Created';
  if (states.size === 1 && states.has('paused')) return 'Paused';
  if (states.has('running')) return states.size === 1 ? 'Running' : 'Degraded';
  return states.has('paused') ? 'Degraded' : 'Exited';
}
