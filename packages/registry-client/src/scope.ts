// SPDX-License-Identifier: Apache-2.0

/** The rights on a repository that bearer tokens are asked for. */
export interface Scope {
  readonly pull: readonly string[];
  readonly push: readonly string[];
  readonly delete: readonly string[];
}

/** @see https://distribution.github.io/distribution/spec/auth/scope/ */
export function scopesOf(name: string): Scope {
  return {
    pull: [`repository:${name}:pull`],
    push: [`repository:${name}:pull,push`],
    delete: [`repository:${name}:delete,pull`],
  };
}

/** One scope a resource, with the actions of all scopes that name it; what is no scope is left out. */
export function unionOf(scopes: readonly string[]): readonly string[] {
  return [...actionsByResource(scopes)].map(([resource, actions]) => `${resource}:${[...actions].join(',')}`);
}

/** True when a token for `wide` does for `narrow`. */
export function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  const has = actionsByResource(wide);
  return [...actionsByResource(narrow)].every(([resource, actions]) => {
    const held = has.get(resource);
    return held !== undefined && (held.has('*') || [...actions].every((action) => held.has(action)));
  });
}

/** The resource is `type:name`, and the name of one with a port has colons of its own. */
function actionsByResource(scopes: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const scope of scopes) {
    const colon = scope.lastIndexOf(':');
    if (colon <= 0) continue;
    const resource = scope.slice(0, colon);
    const actions = found.get(resource) ?? new Set();
    for (const action of scope.slice(colon + 1).split(',')) if (action !== '') actions.add(action);
    found.set(resource, actions);
  }
  return found;
}
