// SPDX-License-Identifier: Apache-2.0
import { withLinux } from './edit-linux.ts';
import type { LinuxNamespace, LinuxNamespaceType } from './linux.ts';
import type { IdMapping } from './mount.ts';
import type { Spec } from './spec.ts';

/** Joins the namespace at `path`, or makes one of that type where no path is given. */
export function withNamespace(spec: Spec, namespace: LinuxNamespace): Spec {
  return withLinux(spec, { namespaces: [...others(spec, namespace.type), namespace] });
}

/** Shares the namespace of that type with the runtime: the host's, as a rule. */
export function withoutNamespace(spec: Spec, type: LinuxNamespaceType): Spec {
  return withLinux(spec, { namespaces: others(spec, type) });
}

function others(spec: Spec, type: LinuxNamespaceType): LinuxNamespace[] {
  return (spec.linux?.namespaces ?? []).filter((other) => other.type !== type);
}

/** Which ids outside stand for those inside. */
export interface UserNamespaceMappings {
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
}

/** A user namespace of its own with these ids. */
export function withUserNamespace(spec: Spec, { uidMappings, gidMappings }: UserNamespaceMappings): Spec {
  return withLinux(withNamespace(spec, { type: 'user' }), { uidMappings, gidMappings });
}
