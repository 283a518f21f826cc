// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { CredentialProvider, Credentials } from './credentials.ts';
import { waitFor } from './shared.ts';
import { basicAuthorization, requestToken, type Token, type TokenRequest } from './token.ts';

/** Answers a registry's challenges for one repository, or for the registry itself. */
export interface Authenticator {
  /** The Authorization header to send, once a challenge has shown what the registry wants. */
  authorize(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined>;
  /**
   * The header to try after a 401 to a request sent with `refused`. Undefined: there is nothing (else) to offer.
   */
  answer(
    challenge: string | null,
    scopes: readonly string[],
    refused: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined>;
}

/** Options of {@link createAuthenticator}. */
export interface AuthenticatorOptions
  extends Pick<TokenRequest, 'transport' | 'tlsVerify' | 'headers' | 'now'> {
  readonly host: string;
  readonly repository?: string;
  readonly credentials: CredentialProvider;
}

/** Tokens are kept a scope; concurrent requests for one scope share one token request. */
export function createAuthenticator(options: AuthenticatorOptions, registry: URL): Authenticator {
  const { host, repository, credentials, now } = options;
  const tokens = new Map<string, Token>();
  const pending = new Map<string, Promise<Token>>();
  let chosen: { challenge: Challenge; credentials: Credentials | undefined } | undefined;

  async function fetchToken(scopes: readonly string[]): Promise<Token> {
    if (chosen === undefined)
      throw new LadingError(Code.Internal, 'a token is asked for without a challenge');
    const token = await requestToken({ ...options, ...chosen, registry, scopes });
    tokens.set(scopes.join(' '), token);
    return token;
  }

  async function bearer(scopes: readonly string[], signal: AbortSignal | undefined): Promise<string> {
    const key = scopes.join(' ');
    const known = tokens.get(key);
    if (known !== undefined && known.expiresAt > now()) return `Bearer ${known.value}`;
    let request = pending.get(key);
    if (request === undefined) {
      request = fetchToken(scopes).finally(() => pending.delete(key));
      pending.set(key, request);
      // When every waiter has gone because of its signal, nobody is left to see the failure.
      request.catch(() => undefined);
    }
    return `Bearer ${(await waitFor(request, signal)).value}`;
  }

  async function authorize(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    if (chosen === undefined) return undefined;
    const { challenge, credentials: own } = chosen;
    if (own !== undefined && 'registryToken' in own) return `Bearer ${own.registryToken}`;
    if (challenge.scheme === 'bearer') return await bearer(scopes, signal);
    return own !== undefined && 'username' in own ? basicAuthorization(own) : undefined;
  }

  return {
    authorize,
    async answer(header, scopes, refused, signal) {
      const challenges = parseChallenges(header ?? '');
      // Bearer first: a registry that offers both prefers that the password goes to its token server.
      const challenge =
        challenges.find(({ scheme }) => scheme === 'bearer') ??
        challenges.find(({ scheme }) => scheme === 'basic');
      if (challenge === undefined) return undefined;
      chosen = { challenge, credentials: await credentials(host, repository) };
      const key = scopes.join(' ');
      const known = tokens.get(key);
      // Revoked before its time, or meant for fewer rights: renewed once. A token that another request
      // has fetched meanwhile is another one and is tried as it is.
      if (known !== undefined && refused === `Bearer ${known.value}`) tokens.delete(key);
      const next = await authorize(scopes, signal);
      return next === refused ? undefined : next;
    },
  };
}
