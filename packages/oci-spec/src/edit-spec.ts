// SPDX-License-Identifier: Apache-2.0
import type { Linux, LinuxDevice, LinuxNamespace, LinuxNamespaceType } from './linux.ts';
import type { LinuxResources } from './linux-resources.ts';
import type { Mount } from './mount.ts';
import type { Spec } from './spec.ts';

/**
 * Adds mounts; one whose destination is there replaces it. The result is ordered by depth, so that no mount
 * hides one that was made below its destination before.
 */
export function withMounts(spec: Spec, mounts: readonly Mount[]): Spec {
  const byDestination = new Map<string, Mount>();
  for (const mount of [...(spec.mounts ?? []), ...mounts]) {
    byDestination.set(components(mount.destination).join('/'), mount);
  }
  const depth = (mount: Mount): number => components(mount.destination).length;
  return { ...spec, mounts: [...byDestination.values()].toSorted((a, b) => depth(a) - depth(b)) };
}

function components(path: string): string[] {
  return path.split('/').filter((component) => component !== '' && component !== '.');
}

/** Joins the namespace at `path`, or makes one of that type where no path is given. */
export function withNamespace(spec: Spec, namespace: LinuxNamespace): Spec {
  const others = (spec.linux?.namespaces ?? []).filter(({ type }) => type !== namespace.type);
  return withLinux(spec, { namespaces: [...others, namespace] });
}

/** Shares the namespace of that type with the runtime: the host's, as a rule. */
export function withoutNamespace(spec: Spec, type: LinuxNamespaceType): Spec {
  return withLinux(spec, {
    namespaces: (spec.linux?.namespaces ?? []).filter((other) => other.type !== type),
  });
}

/** Merges limits: members of `memory`, `cpu` and so on one by one, lists as a whole. */
export function withResources(spec: Spec, resources: LinuxResources): Spec {
  const { memory, cpu, pids, blockIO, network, rdma, unified, ...lists } = resources;
  const before = spec.linux?.resources;
  return withLinux(spec, {
    resources: {
      ...before,
      ...lists,
      ...(memory && { memory: { ...before?.memory, ...memory } }),
      ...(cpu && { cpu: { ...before?.cpu, ...cpu } }),
      ...(pids && { pids: { ...before?.pids, ...pids } }),
      ...(blockIO && { blockIO: { ...before?.blockIO, ...blockIO } }),
      ...(network && { network: { ...before?.network, ...network } }),
      ...(rdma && { rdma: { ...before?.rdma, ...rdma } }),
      ...(unified && { unified: { ...before?.unified, ...unified } }),
    },
  });
}

/** A device node and what the container may do with it: of `rwm`, all by default. */
export interface DeviceGrant extends LinuxDevice {
  readonly access?: string;
}

/** Adds device nodes and allows their use. */
export function withDevices(spec: Spec, grants: readonly DeviceGrant[]): Spec {
  const nodes = new Map((spec.linux?.devices ?? []).map((device) => [device.path, device]));
  const rules = [...(spec.linux?.resources?.devices ?? [])];
  for (const { access = 'rwm', ...device } of grants) {
    nodes.set(device.path, device);
    const { type, major, minor } = device;
    if (type === 'p' || major === undefined || minor === undefined) continue;
    rules.push({ allow: true, type: type === 'u' ? 'c' : type, major, minor, access });
  }
  return withResources(withLinux(spec, { devices: [...nodes.values()] }), { devices: rules });
}

/** Sets the host name. Needs a UTS namespace of the container's own. */
export function withHostname(spec: Spec, hostname: string): Spec {
  return { ...spec, hostname };
}

/** Adds annotations, replacing those of the same key. */
export function withAnnotations(spec: Spec, annotations: Readonly<Record<string, string>>): Spec {
  return { ...spec, annotations: { ...spec.annotations, ...annotations } };
}

/** Replaces members of the section of Linux. */
export function withLinux(spec: Spec, patch: Partial<Linux>): Spec {
  return { ...spec, linux: { ...spec.linux, ...patch } };
}
