// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { type Mount, type Spec, withLinux, withMounts, withProcess } from '@lading/oci-spec';
import type { ContainerOptions } from '../types/container-options.ts';

/** Whether what runs first is systemd. */
export function startsSystemd(
  { systemd = false }: Pick<ContainerOptions, 'systemd'>,
  [program = '']: readonly string[],
): boolean {
  if (systemd !== 'auto') return systemd;
  return inits.has(program) || basename(program) === 'systemd';
}

const inits = new Set(['/sbin/init', '/usr/sbin/init', '/usr/local/sbin/init']);

/** Memory where systemd writes before it mounts anything; the caller's own mounts win over them. */
export const systemdMounts: readonly Mount[] = ['/run', '/run/lock', '/tmp', '/var/log/journal'].map(
  (destination) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup'],
  }),
);

const hierarchy = '/sys/fs/cgroup/systemd';

/** Control groups that systemd may divide further, and the variable from which it makes its machine id. */
export function withSystemd(
  spec: Spec,
  { id, cgroupVersion }: { readonly id: string; readonly cgroupVersion: 1 | 2 },
): Spec {
  const env = [...(spec.process?.env ?? []), `container_uuid=${id.slice(0, 32)}`];
  const named = withProcess(spec, { env });
  if (cgroupVersion === 2) return withWritableCgroup(named);
  // What is named here the kernel runs on the host, as root.
  const agent = `${hierarchy}/release_agent`;
  return withLinux(
    withMounts(named, [
      {
        destination: hierarchy,
        type: 'bind',
        source: hierarchy,
        options: ['bind', 'nodev', 'noexec', 'nosuid', 'rprivate'],
      },
    ]),
    { maskedPaths: [...(named.linux?.maskedPaths ?? []), agent] },
  );
}

/** Only in a namespace of one's own: else it would be the groups of the host. */
function withWritableCgroup(spec: Spec): Spec {
  const isOwn = spec.linux?.namespaces?.some(({ type, path }) => type === 'cgroup' && path === undefined);
  if (!isOwn) return spec;
  return {
    ...spec,
    mounts: (spec.mounts ?? []).map((mount) =>
      mount.type === 'cgroup'
        ? { ...mount, options: (mount.options ?? []).map((option) => (option === 'ro' ? 'rw' : option)) }
        : mount,
    ),
  };
}
