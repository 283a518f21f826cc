// SPDX-License-Identifier: Apache-2.0
import type { Spec } from '@lading/oci-spec';

/** Adds options to the mount at /proc; those that keep devices and programs out of it stay. */
export function withProcOptions(spec: Spec, more: readonly string[]): Spec {
  return {
    ...spec,
    mounts: (spec.mounts ?? []).map((mount) =>
      mount.destination === '/proc' && mount.type === 'proc'
        ? { ...mount, options: [...(mount.options ?? []), ...more] }
        : mount,
    ),
  };
}
