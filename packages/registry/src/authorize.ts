// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LadingError } from '@lading/errors';
import { specError } from './spec-error.ts';

/** Why a request is refused: for want of the credentials that a challenge asks for, or for good. */
export type Refusal = { readonly challenge: string } | { readonly denied: string };

/**
 * Looks at a request before anything else does. Undefined: it may pass.
 *
 * @example
 * ```ts
 * import { type Authorize, startRegistry } from '@lading/registry';
 *
 * const authorize: Authorize = ({ headers }) =>
 *   headers.authorization === 'Bearer token' ? undefined : { challenge: 'Bearer realm="https://a.example/token"' };
 * await using registry = await startRegistry({ authorize });
 * console.log((await fetch(`${registry.url}/v2/`)).status); // → 401
 * ```
 */
export type Authorize = (request: IncomingMessage) => Refusal | undefined | Promise<Refusal | undefined>;

export function refusal(response: ServerResponse, refused: Refusal): LadingError {
  if ('denied' in refused) return specError('DENIED', refused.denied);
  response.setHeader('www-authenticate', refused.challenge);
  return specError('UNAUTHORIZED', 'authentication is required');
}
