// SPDX-License-Identifier: Apache-2.0
import { common, crio, type Flavour, podman, runc } from './default-flavours.ts';
import type { Spec } from './spec.ts';

/** Where a default comes from. */
export interface DefaultSpecOptions {
  /**
   * Whose default: `runc spec`, `podman create`, a container of a pod in CRI-O. Absent: Podman's capabilities,
   * every path hidden that one of the three hides, and nothing that their configuration files set (limits,
   * sysctls, umask, TERM).
   */
  readonly like?: 'runc' | 'podman' | 'cri-o' | undefined;
  /** That of the machine. On 2 the container has a cgroup namespace of its own. Default 1. */
  readonly cgroupVersion?: 1 | 2 | undefined;
}

const flavours: Readonly<Record<NonNullable<DefaultSpecOptions['like']>, Flavour>> = {
  runc,
  podman,
  'cri-o': crio,
};

/**
 * A spec to start from: `sh` in `rootfs`, with the mounts, capabilities and hidden paths of a container that
 * its tool makes when told nothing else, its own pid, network, ipc, uts and mount namespaces, and no device but
 * the usual ones. It does not look at the machine. The filter of system calls is `defaultSeccomp`'s.
 *
 * @example
 * ```ts
 * import { defaultLinuxSpec } from '@lading/oci-spec';
 *
 * console.log(defaultLinuxSpec().process?.capabilities?.bounding?.length); // → 11
 * console.log(defaultLinuxSpec({ like: 'runc' }).hostname); // → runc
 * console.log(defaultLinuxSpec({ like: 'podman' }).linux?.resources?.pids); // → { limit: 2048 }
 * ```
 */
export function defaultLinuxSpec(options: DefaultSpecOptions = {}): Spec {
  const flavour = options.like === undefined ? common : flavours[options.like];
  const { root, hostname, mounts, maskedPaths, readonlyPaths, pidsLimit, sysctl, capabilities } = flavour;
  const { umask, ...process } = flavour.process;
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0, ...(umask !== undefined && { umask }) },
      ...process,
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    root,
    ...(hostname !== undefined && { hostname }),
    mounts,
    linux: {
      ...(sysctl !== undefined && { sysctl }),
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        ...(pidsLimit !== undefined && { pids: { limit: pidsLimit } }),
      },
      namespaces: [
        { type: 'pid' },
        { type: 'network' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        ...(options.cgroupVersion === 2 ? [{ type: 'cgroup' } as const] : []),
      ],
      maskedPaths,
      readonlyPaths,
    },
  };
}
