// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from './context.ts';
import { specError } from './spec-error.ts';

/**
 * Looks at a request that was let in, before the routes do. True: it has been answered. `path` is decoded.
 */
export type Intercept = (exchange: Exchange, path: string) => boolean | Promise<boolean>;

/** One after the other, until one has answered. */
export function intercepts(all: readonly Intercept[]): Intercept {
  return async (exchange, path) => {
    for (const intercept of all) if (await intercept(exchange, path)) return true;
    return false;
  };
}

/**
 * Refuses whatever would change something.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-management
 */
export const readOnly: Intercept = ({ method, response }) => {
  if (method === 'GET' || method === 'HEAD') return false;
  response.setHeader('allow', 'GET, HEAD');
  throw specError('UNSUPPORTED', 'this registry is read-only');
};
