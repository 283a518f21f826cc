// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { CredentialProvider, Credentials } from './credentials.ts';
import { covers, unionOf } from './scope.ts';
import { waitFor } from './shared.ts';
import { basicAuthorization, requestToken, type Token, type TokenRequest } from './token.ts';

/** What a registry answered a request with. */
interface Refusal {
  /** Its WWW-Authenticate headers. */
  readonly challenge: string | null;
  /** The Authorization header that it did not take. */
  readonly refused: string | undefined;
  /** True when it was reached in the own network. */
  readonly isPrivate: boolean;
}

/** Answers a registry's challenges for one repository, or for the registry itself. */
export interface Authenticator {
  /** The Authorization header to send, once a challenge has shown what the registry wants. */
  authorize(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined>;
  /** The header to try after a 401. Undefined: there is nothing (else) to offer. */
  answer(refusal: Refusal, scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined>;
}

/** Options of {@link createAuthenticator}. */
export interface AuthenticatorOptions
  extends Pick<TokenRequest, 'transport' | 'tlsVerify' | 'headers' | 'now'> {
  readonly host: string;
  readonly repository?: string;
  readonly credentials: CredentialProvider;
}

interface Held extends Token {
  readonly scopes: readonly string[];
}

/** A client that mounts from many repositories asks for many scopes; the oldest tokens are asked for again. */
const mostTokens = 100;

/** Tokens are kept with their scopes; concurrent requests that one token serves share one token request. */
export function createAuthenticator(options: AuthenticatorOptions, registry: URL): Authenticator {
  const { host, repository, now } = options;
  let tokens: readonly Held[] = [];
  const pending = new Set<{ scopes: readonly string[]; token: Promise<Token> }>();
  /** What the registry asked for beyond what we ask for, by what we ask for. */
  const widened = new Map<string, readonly string[]>();
  let own: Promise<Credentials | undefined> | undefined;
  let lastRefused: string | undefined;
  /** True: the credentials are newer than what the provider knows. */
  let rotated = false;
  let chosen: { challenge: Challenge; isPrivate: boolean } | undefined;

  /** Asked once, however many requests are challenged at a time: it may be a program with a dialog. */
  function credentials(): Promise<Credentials | undefined> {
    if (own === undefined) {
      const asked = Promise.resolve(options.credentials(host, repository));
      own = asked;
      asked.catch(() => {
        if (own === asked) own = undefined;
      });
    }
    return own;
  }

  async function fetchToken(
    { challenge, isPrivate }: NonNullable<typeof chosen>,
    scopes: readonly string[],
  ): Promise<Token> {
    const mine = await credentials();
    const request = { ...options, registry, registryIsPrivate: isPrivate, challenge, scopes };
    const token = await requestToken({ ...request, credentials: mine }).catch((error: unknown) => {
      // Wrong credentials are not kept: there may be another login the next time.
      if (hasCode(error, Code.Unauthenticated)) {
        own = undefined;
        rotated = false;
      }
      throw error;
    });
    tokens = [{ ...token, scopes }, ...tokens].slice(0, mostTokens);
    // Some servers give a refresh token once: the next request needs the one that came with this answer.
    if (token.refreshToken !== undefined && mine !== undefined && 'identityToken' in mine) {
      own = Promise.resolve({ identityToken: token.refreshToken });
      rotated = true;
    }
    return token;
  }

  async function bearer(
    by: NonNullable<typeof chosen>,
    asked: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const scopes = widened.get(asked.join(' ')) ?? asked;
    const known = tokens.find((token) => token.expiresAt > now() && covers(token.scopes, scopes));
    if (known !== undefined) return `Bearer ${known.value}`;
    let request = [...pending].find((other) => covers(other.scopes, scopes));
    if (request === undefined) {
      const begun = { scopes, token: fetchToken(by, scopes).finally(() => pending.delete(begun)) };
      pending.add(begun);
      // When every waiter has gone because of its signal, nobody is left to see the failure.
      begun.token.catch(() => undefined);
      request = begun;
    }
    return `Bearer ${(await waitFor(request.token, signal)).value}`;
  }

  async function authorize(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    if (chosen === undefined) return undefined;
    const by = chosen;
    const mine = await waitFor(credentials(), signal);
    if (mine !== undefined && 'registryToken' in mine) return `Bearer ${mine.registryToken}`;
    if (by.challenge.scheme === 'bearer') return await bearer(by, scopes, signal);
    return mine !== undefined && 'username' in mine ? basicAuthorization(mine) : undefined;
  }

  return {
    authorize,
    async answer({ challenge: header, refused, isPrivate }, scopes, signal) {
      const challenge = strongest(parseChallenges(header ?? ''));
      if (challenge === undefined) return undefined;
      chosen = { challenge, isPrivate };
      if (refused !== undefined && refused !== lastRefused) {
        lastRefused = refused;
        // There may be another login by now.
        if (!rotated) own = undefined;
      }
      // Revoked before its time, or meant for fewer rights: renewed once. A token that another request
      // has fetched meanwhile is another one and is tried as it is.
      tokens = tokens.filter((token) => refused !== `Bearer ${token.value}`);
      const wanted = unionOf([...scopes, ...(challenge.parameters.scope ?? '').split(' ')]);
      if (covers(scopes, wanted)) widened.delete(scopes.join(' '));
      else widened.set(scopes.join(' '), wanted);
      const next = await authorize(scopes, signal);
      return next === refused ? undefined : next;
    },
  };
}

/**
 * Bearer before Basic: a registry that offers both prefers that the password goes to its token server. A
 * Bearer challenge without a realm names none.
 */
function strongest(challenges: readonly Challenge[]): Challenge | undefined {
  const bearers = challenges.filter(({ scheme }) => scheme === 'bearer');
  const usable = bearers.find(({ parameters }) => parameters.realm !== undefined);
  return usable ?? challenges.find(({ scheme }) => scheme === 'basic') ?? bearers[0];
}
