// SPDX-License-Identifier: Apache-2.0
import { capabilities, setCapabilities } from './capabilities.ts';
import type { Mount } from './mount.ts';
import type { Spec } from './spec.ts';

export interface PrivilegedOptions {
  /** The capabilities that the process that calls the runtime can give. Default all. */
  readonly available?: readonly string[];
}

/**
 * A container that is hardly contained, as Podman and CRI-O make one of `--privileged`: every available
 * capability, no masked or read-only paths, sysfs and cgroups writable, every device allowed, no seccomp
 * filter, no AppArmor profile. The host's device nodes are the caller's to add, with `withDevices`.
 */
export function privileged(spec: Spec, options: PrivilegedOptions = {}): Spec {
  const { seccomp: _seccomp, maskedPaths: _masked, readonlyPaths: _readonly, ...linux } = spec.linux ?? {};
  const { apparmorProfile: _profile, noNewPrivileges: _no, ...process } = spec.process ?? { cwd: '/' };
  const open: Spec = {
    ...spec,
    process,
    mounts: (spec.mounts ?? []).map(writable),
    linux: {
      ...linux,
      resources: { ...linux.resources, devices: [{ allow: true, access: 'rwm' }] },
    },
  };
  return setCapabilities(open, options.available ?? capabilities);
}

function writable(mount: Mount): Mount {
  const kernel = mount.type === 'sysfs' || mount.type === 'cgroup' || mount.type === 'cgroup2';
  if (!kernel || mount.options === undefined) return mount;
  return { ...mount, options: mount.options.map((option) => (option === 'ro' ? 'rw' : option)) };
}
