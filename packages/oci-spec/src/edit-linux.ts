// SPDX-License-Identifier: Apache-2.0
import { entriesWith } from './entries.ts';
import type { Linux } from './linux.ts';
import type { Seccomp } from './seccomp.ts';
import type { Spec } from './spec.ts';

/** Replaces members of the section of Linux. */
export function withLinux(spec: Spec, patch: Partial<Linux>): Spec {
  return { ...spec, linux: { ...spec.linux, ...patch } };
}

/** Sets sysctls by dotted name; `undefined` takes one away. */
export function withSysctls(spec: Spec, sysctls: Readonly<Record<string, string | undefined>>): Spec {
  return withLinux(spec, { sysctl: entriesWith(spec.linux?.sysctl, sysctls) });
}

/** Filters system calls; `undefined` takes the filter away, as `seccomp=unconfined` does. */
export function withSeccomp(spec: Spec, seccomp: Seccomp | undefined): Spec {
  if (seccomp !== undefined) return withLinux(spec, { seccomp });
  if (spec.linux === undefined) return spec;
  const { seccomp: _, ...linux } = spec.linux;
  return { ...spec, linux };
}

/** Hides more paths from the container. */
export function withMaskedPaths(spec: Spec, paths: readonly string[]): Spec {
  return withLinux(spec, { maskedPaths: union(spec.linux?.maskedPaths, paths) });
}

/** Makes more paths read-only in the container. */
export function withReadonlyPaths(spec: Spec, paths: readonly string[]): Spec {
  return withLinux(spec, { readonlyPaths: union(spec.linux?.readonlyPaths, paths) });
}

/** Neither hides these paths nor makes them read-only, as Podman's `unmask`: `*` is any name, `ALL` every path. */
export function withUnmaskedPaths(spec: Spec, paths: readonly string[]): Spec {
  if (spec.linux === undefined) return spec;
  const { maskedPaths = [], readonlyPaths = [] } = spec.linux;
  const patterns = paths.map(patternOf);
  const stays = (path: string): boolean =>
    !paths.includes('ALL') && !patterns.some((pattern) => pattern.test(path));
  return withLinux(spec, {
    maskedPaths: maskedPaths.filter(stays),
    readonlyPaths: readonlyPaths.filter(stays),
  });
}

/** A `*` does not go beyond a slash. */
function patternOf(path: string): RegExp {
  const literal = path.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\*+/g, '[^/]*')}$`);
}

function union(before: readonly string[] | undefined, more: readonly string[]): readonly string[] {
  return [...new Set([...(before ?? []), ...more])];
}
