// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { isLoopbackHost, mustStayPublic, nextHop } from './address.ts';
import type { Challenge } from './challenge.ts';
import { decodeBody } from './content-encoding.ts';
import type { Credentials } from './credentials.ts';
import { connectionError, isRecord, responseError, unexpectedAnswer } from './errors.ts';
import { readAll, tokenLimitBytes } from './limits.ts';
import type { Transport } from './transport.ts';

/** A bearer token and the time, in milliseconds since the epoch, from which it is not to be used any more. */
export interface Token {
  readonly value: string;
  readonly expiresAt: number;
  /** The identity token to use from now on, where the server changes it. */
  readonly refreshToken?: string | undefined;
}

/** What a token request needs to know. */
export interface TokenRequest {
  /** The registry that sent the challenge. */
  readonly registry: URL;
  /** True when it was reached in the own network, whatever its name. */
  readonly registryIsPrivate: boolean;
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  readonly transport: Transport;
  readonly tlsVerify: (host: string) => boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly now: () => number;
}

/** The token specification's default where the answer names no lifetime. */
const defaultLifetimeSeconds = 60;
/** A token that ends within this time could end on the way to the registry. */
const marginMs = 5_000;

/** One way to ask: the query of a GET or the form of a POST, and the Authorization beside it. */
interface Way {
  readonly method: 'GET' | 'POST';
  readonly form: URLSearchParams;
  readonly authorization?: string;
}

/**
 * Asks the realm of a Bearer challenge for a token: anonymously and with a password by GET, with an identity
 * token by the OAuth2 POST. A server that does not know the one way is asked by the other.
 *
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function requestToken(request: TokenRequest): Promise<Token> {
  const { registry, challenge, credentials, registryIsPrivate } = request;
  const realm = challenge.parameters.realm;
  if (realm === undefined) throw unexpectedAnswer(registry.host, 'its Bearer challenge names no realm');
  const url = nextHop(registry, realm, 'token realm', registryIsPrivate);
  if (credentials !== undefined) checkRealm(registry, url);
  const [first, second] = waysOf(request);
  try {
    return await ask(request, url, first);
  } catch (error) {
    const unknownThere = hasCode(error, Code.NotFound) || hasCode(error, Code.Unimplemented);
    if (second === undefined || !unknownThere) throw error;
    return await ask(request, url, second);
  }
}

function waysOf({ challenge, scopes, credentials }: TokenRequest): readonly [Way, Way?] {
  const service = challenge.parameters.service;
  const common = service === undefined ? {} : { service };
  const get = (username?: string, password = ''): Way => {
    const form = new URLSearchParams(common);
    for (const scope of scopes) form.append('scope', scope);
    if (username === undefined) return { method: 'GET', form };
    return { method: 'GET', form, authorization: basicAuthorization({ username, password }) };
  };
  // OAuth2 knows one scope parameter with spaces in it; the GET form knows one parameter a scope.
  const post = (grant: Record<string, string>): Way => ({
    method: 'POST',
    form: new URLSearchParams({
      ...common,
      client_id: 'lading',
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...grant,
    }),
  });
  if (credentials === undefined || 'registryToken' in credentials) return [get()];
  if ('identityToken' in credentials) {
    const { identityToken } = credentials;
    return [
      post({ grant_type: 'refresh_token', refresh_token: identityToken }),
      get('<token>', identityToken),
    ];
  }
  const { username, password } = credentials;
  return [get(username, password), post({ grant_type: 'password', username, password })];
}

async function ask(request: TokenRequest, realm: URL, { method, form, authorization }: Way): Promise<Token> {
  const { registry, registryIsPrivate, transport, tlsVerify, now } = request;
  const url = new URL(realm);
  const query = form.toString();
  const body = method === 'POST' ? new TextEncoder().encode(query) : undefined;
  if (body === undefined && query !== '') url.search += `${url.search === '' ? '?' : '&'}${query}`;
  try {
    const response = decodeBody(
      url.host,
      await transport.send({
        method,
        url,
        headers: {
          ...request.headers,
          accept: 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
          ...(body === undefined
            ? {}
            : {
                'content-type': 'application/x-www-form-urlencoded',
                'content-length': String(body.length),
              }),
        },
        body,
        tlsVerify: tlsVerify(url.host),
        publicOnly: mustStayPublic(registry, url, registryIsPrivate),
      }),
    );
    if (response.status !== 200) throw await responseError(method, url, response);
    return readToken(url.host, await readAll(response.body, tokenLimitBytes, 'the token'), now());
  } catch (error) {
    throw connectionError(method, url, error);
  }
}

/** The value of an Authorization header for basic credentials, in UTF-8. */
export function basicAuthorization({ username, password }: { username: string; password: string }): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}

/**
 * Token servers have names of their own (auth.docker.io), so another host is nothing odd. Over TLS it is at
 * least the host that the registry, itself under TLS, named; in the clear only the registry's own host gets
 * the credentials, which already crossed that network to the registry.
 */
function checkRealm(registry: URL, realm: URL): void {
  if (realm.protocol === 'https:' || realm.hostname === registry.hostname) return;
  if (isLoopbackHost(realm.hostname) && isLoopbackHost(registry.hostname)) return;
  throw new LadingError(
    Code.PermissionDenied,
    `${registry.host} wants its credentials sent in the clear to ${realm.host}; that is not done`,
    { reason: 'UNSAFE_LOCATION', details: { host: registry.host } },
  );
}

function readToken(host: string, bytes: Uint8Array, now: number): Token {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The parser's message quotes the text, and the text may be most of a token.
    throw unexpectedAnswer(host, 'the token answer is not JSON');
  }
  const {
    token,
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: lifetime,
  } = isRecord(answer) ? answer : {};
  const value = typeof token === 'string' && token !== '' ? token : accessToken;
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw unexpectedAnswer(host, 'the token answer holds no usable token');
  }
  const seconds = typeof lifetime === 'number' && lifetime > 0 ? lifetime : defaultLifetimeSeconds;
  const lifetimeMs = seconds * 1000;
  return {
    value,
    expiresAt: now + lifetimeMs - Math.min(marginMs, lifetimeMs / 2),
    ...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
  };
}
