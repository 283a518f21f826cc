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
