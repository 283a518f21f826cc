// SPDX-License-Identifier: Apache-2.0
import type { Mount } from './mount.ts';
import type { Spec } from './spec.ts';

/**
 * Adds mounts; one whose destination is there replaces it. The result is ordered by depth, so that no mount
 * hides one that was made below its destination before.
 */
export function withMounts(spec: Spec, mounts: readonly Mount[]): Spec {
  const byDestination = new Map<string, Mount>();
  for (const mount of [...(spec.mounts ?? []), ...mounts]) {
    byDestination.set(clean(mount.destination), mount);
  }
  const depth = (mount: Mount): number => components(mount.destination).length;
  return { ...spec, mounts: [...byDestination.values()].toSorted((a, b) => depth(a) - depth(b)) };
}

/** Takes the mounts at these destinations away; those below them stay. */
export function withoutMounts(spec: Spec, destinations: readonly string[]): Spec {
  if (spec.mounts === undefined) return spec;
  const gone = new Set(destinations.map(clean));
  return { ...spec, mounts: spec.mounts.filter(({ destination }) => !gone.has(clean(destination))) };
}

function clean(path: string): string {
  return components(path).join('/');
}

/** Runtimes clean a destination inside of the root, so that `..` ends there. */
function components(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}
