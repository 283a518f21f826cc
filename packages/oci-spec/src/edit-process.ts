// SPDX-License-Identifier: Apache-2.0
import { describe } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
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

/** Adds groups to those that the process has besides its own. */
export function withAdditionalGids(spec: Spec, gids: readonly number[]): Spec {
  return withUser(spec, {
    additionalGids: [...new Set([...(spec.process?.user?.additionalGids ?? []), ...gids])],
  });
}

/** Adds limits; one of a type that is there replaces it. */
export function withRlimits(spec: Spec, rlimits: readonly Rlimit[]): Spec {
  const byType = new Map([...(spec.process?.rlimits ?? []), ...rlimits].map((limit) => [limit.type, limit]));
  return withProcess(spec, { rlimits: [...byType.values()] });
}

/**
 * Sets variables of the environment; one that is there keeps its place, `undefined` takes it away.
 *
 * @throws LadingError `invalid_argument` for a name that is empty or holds `=`, and for a NUL
 */
export function withEnv(spec: Spec, variables: Readonly<Record<string, string | undefined>>): Spec {
  for (const [name, value] of Object.entries(variables)) {
    if (/^$|[=\0]/.test(name) || value?.includes('\0')) {
      throw new LadingError(Code.InvalidArgument, `${describe(name)} cannot be set in an environment`);
    }
  }
  // A name may be there twice; which one counts is up to the program, so that none but the new one stays.
  const rest = new Map(Object.entries(variables));
  const env = (spec.process?.env ?? []).flatMap((line) => {
    const name = line.split('=', 1)[0] ?? '';
    if (!Object.hasOwn(variables, name)) return [line];
    const value = rest.get(name);
    rest.delete(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  for (const [name, value] of rest) if (value !== undefined) env.push(`${name}=${value}`);
  return withProcess(spec, { env });
}
