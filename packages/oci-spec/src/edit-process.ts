// SPDX-License-Identifier: Apache-2.0
import type { Process, Rlimit, User } from './process.ts';
import type { Spec } from './spec.ts';

/** Replaces members of the process; the rest stay. Without a process so far, its cwd is `/`. */
export function withProcess(spec: Spec, patch: Partial<Process>): Spec {
  return { ...spec, process: { cwd: '/', ...spec.process, ...patch } };
}

/** Replaces members of the process's user. */
export function withUser(spec: Spec, user: User): Spec {
  return withProcess(spec, { user: { ...spec.process?.user, ...user } });
}

/** Adds limits; one of a type that is there replaces it. */
export function withRlimits(spec: Spec, rlimits: readonly Rlimit[]): Spec {
  const byType = new Map([...(spec.process?.rlimits ?? []), ...rlimits].map((limit) => [limit.type, limit]));
  return withProcess(spec, { rlimits: [...byType.values()] });
}
