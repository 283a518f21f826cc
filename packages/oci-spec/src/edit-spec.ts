// SPDX-License-Identifier: Apache-2.0
import { entriesWith } from './entries.ts';
import { type Hooks, hookPoints } from './hooks.ts';
import type { Root, Spec } from './spec.ts';

/** Replaces members of the root file system. Without one so far, its path is `rootfs` in the bundle. */
export function withRoot(spec: Spec, patch: Partial<Root>): Spec {
  return { ...spec, root: { path: 'rootfs', ...spec.root, ...patch } };
}

/** Sets the host name. Needs a UTS namespace of the container's own. */
export function withHostname(spec: Spec, hostname: string): Spec {
  return { ...spec, hostname };
}

/** Adds annotations, replacing those of the same key; `undefined` takes one away. */
export function withAnnotations(spec: Spec, annotations: Readonly<Record<string, string | undefined>>): Spec {
  return { ...spec, annotations: entriesWith(spec.annotations, annotations) };
}

/** Adds hooks after those that are there. */
export function withHooks(spec: Spec, hooks: Hooks): Spec {
  const before = spec.hooks ?? {};
  const after: { -readonly [K in keyof Hooks]: Hooks[K] } = { ...before };
  for (const point of hookPoints) {
    const more = hooks[point] ?? [];
    if (more.length > 0) after[point] = [...(before[point] ?? []), ...more];
  }
  return { ...spec, hooks: after };
}
