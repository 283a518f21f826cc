// SPDX-License-Identifier: Apache-2.0
import { withoutNamespace, withUserNamespace } from './edit-namespaces.ts';
import type { Mount } from './mount.ts';
import type { Spec } from './spec.ts';

export interface RootlessOptions {
  /** The user on the host who is root inside: the caller of the runtime. */
  readonly uid: number;
  readonly gid: number;
}

/**
 * What `runc spec --rootless` makes of a spec, so that a user without privileges can run it: a user namespace
 * where the caller is root, the host's network, no cgroup limits, no owners of mounts that have no id inside,
 * and /sys bound from the host, since only the owner of a network namespace may mount its own.
 */
export function rootless(spec: Spec, { uid, gid }: RootlessOptions): Spec {
  const own = withUserNamespace(withoutNamespace(withoutNamespace(spec, 'network'), 'user'), {
    uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
  });
  const { resources: _, ...linux } = own.linux ?? {};
  return { ...own, linux, ...(spec.mounts && { mounts: spec.mounts.map(mountOfUser) }) };
}

function mountOfUser(mount: Mount): Mount {
  if (/^\/+sys\/*$/.test(mount.destination)) {
    const options = ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'];
    return { ...mount, destination: '/sys', type: 'none', source: '/sys', options };
  }
  if (mount.options === undefined) return mount;
  return { ...mount, options: mount.options.filter((option) => !/^[ug]id=/.test(option)) };
}
