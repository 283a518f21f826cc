// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import {
  type LinuxNamespaceType,
  type Mount,
  type Spec,
  type IdMapping as SpecMapping,
  withMounts,
  withNamespace,
  withoutMounts,
  withUserNamespace,
} from '@lading/oci-spec';
import type { IdMapping } from '@lading/storage';
import type { IdMaps } from '../types/container-options.ts';

/** Mounts of the kernel that only the owner of a namespace may make, and what stands in for them. */
const ofOwners: readonly (readonly [LinuxNamespaceType, Mount])[] = [
  ['network', boundFrom('/sys', 'ro')],
  ['pid', boundFrom('/proc', 'rw')],
  ['ipc', boundFrom('/dev/mqueue', 'rw')],
];

export interface UserNamespaceChoice {
  /** Of a namespace with these ids to join. Default: a new one. */
  readonly path?: string | undefined;
  /** Paths of the namespaces that belong to that one. */
  readonly owned?: readonly string[];
}

/**
 * A user namespace of its own with the ids that the files of the container have. The namespaces of others that the
 * container joins are not owned by it: what shows them is bound from the host.
 */
export function withIdMaps(spec: Spec, maps: IdMaps, { path, owned = [] }: UserNamespaceChoice = {}): Spec {
  const uidMappings = maps.uidMap.map(specMapping);
  const gidMappings = maps.gidMap.map(specMapping);
  const joined = ofOwners.filter(([type]) => !isOwn(spec, type, owned)).map(([, mount]) => mount);
  const mounts = (spec.mounts ?? []).map((mount) => withAllBelow(withoutUnmappedGroup(mount, maps.gidMap)));
  const mapped = withUserNamespace({ ...spec, mounts }, { uidMappings, gidMappings });
  const own = path === undefined ? mapped : withNamespace(mapped, { type: 'user', path });
  // Not every machine has message queues.
  const isThere = ({ destination }: Mount): boolean => existsSync(destination);
  const missing = joined.filter((mount) => !isThere(mount)).map(({ destination }) => destination);
  return withMounts(withoutMounts(own, missing), joined.filter(isThere));
}

/** The id outside that the container's root has. */
export function rootOf(maps: IdMaps): { readonly uid: number; readonly gid: number } {
  const idOf = (map: readonly IdMapping[]): number =>
    map.find(({ containerId }) => containerId === 0)?.hostId ?? 0;
  return { uid: idOf(maps.uidMap), gid: idOf(maps.gidMap) };
}

function isOwn(spec: Spec, type: LinuxNamespaceType, owned: readonly string[]): boolean {
  const found = spec.linux?.namespaces?.find((one) => one.type === type);
  return found !== undefined && (found.path === undefined || owned.includes(found.path));
}

/** The group of terminals is in the default options; where nothing stands for it the kernel refuses the mount. */
function withoutUnmappedGroup(mount: Mount, gidMap: readonly IdMapping[]): Mount {
  if (mount.type !== 'devpts' || mount.options === undefined) return mount;
  const isMapped = (gid: number): boolean =>
    gidMap.some(({ containerId, size }) => gid >= containerId && gid < containerId + size);
  const options = mount.options.filter((option) => {
    const gid = /^gid=(\d+)$/.exec(option)?.[1];
    return gid === undefined || isMapped(Number(gid));
  });
  return { ...mount, options };
}

/** What is mounted below the memory of the host is locked to it for others: they have all of it, or nothing. */
function withAllBelow(mount: Mount): Mount {
  if (mount.source !== '/dev/shm' || mount.type !== 'bind') return mount;
  const options = mount.options?.map((option) => (option === 'bind' ? 'rbind' : option));
  return options === undefined ? mount : { ...mount, options };
}

function specMapping({ containerId, hostId, size }: IdMapping): SpecMapping {
  return { containerID: containerId, hostID: hostId, size };
}

function boundFrom(path: string, access: 'ro' | 'rw'): Mount {
  const options = ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', access];
  return { destination: path, type: 'bind', source: path, options };
}
