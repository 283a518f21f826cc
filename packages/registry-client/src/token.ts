// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isLoopbackHost, nextHop } from './address.ts';
import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { connectionError, isRecord, responseError, unexpectedAnswer } from './errors.ts';
import { readAll, tokenLimitBytes } from './limits.ts';
import type { Transport } from './transport.ts';

/** A bearer token and the time, in milliseconds since the epoch, from which it is not to be used any more. */
export interface Token {
  readonly value: string;
  readonly expiresAt: number;
}

/** What a token request needs to know. */
export interface TokenRequest {
  /** The registry that sent the challenge. */
  readonly registry: URL;
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

/**
 * Asks the realm of a Bearer challenge for a token: by GET, anonymously or with basic credentials, or by the
 * OAuth2 POST with an identity token.
 *
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function requestToken(request: TokenRequest): Promise<Token> {
  const { registry, challenge, credentials, transport, tlsVerify } = request;
  const realm = challenge.parameters.realm;
  if (realm === undefined) throw unexpectedAnswer(registry.host, 'its Bearer challenge names no realm');
  const url = nextHop(registry, realm, 'token realm');
  if (credentials !== undefined) checkRealm(registry, url);

  const form = new URLSearchParams();
  const service = challenge.parameters.service;
  if (service !== undefined) form.set('service', service);
  const scopes = withChallengeScopes(request.scopes, challenge.parameters.scope);
  const sent: Record<string, string> = { ...request.headers, accept: 'application/json' };
  let body: Uint8Array | undefined;
  if (credentials !== undefined && 'identityToken' in credentials) {
    form.set('grant_type', 'refresh_token');
    form.set('client_id', 'lading');
    form.set('refresh_token', credentials.identityToken);
    // OAuth2 knows one scope parameter with spaces in it; the GET form knows one parameter a scope.
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    body = new TextEncoder().encode(form.toString());
    sent['content-type'] = 'application/x-www-form-urlencoded';
    sent['content-length'] = String(body.length);
  } else {
    for (const scope of scopes) form.append('scope', scope);
    const query = form.toString();
    if (query !== '') url.search += `${url.search === '' ? '?' : '&'}${query}`;
    if (credentials !== undefined && 'username' in credentials) {
      sent.authorization = basicAuthorization(credentials);
    }
  }

  const method = body === undefined ? 'GET' : 'POST';
  try {
    const response = await transport.send({
      method,
      url,
      headers: sent,
      ...(body === undefined ? {} : { body }),
      tlsVerify: tlsVerify(url.host),
    });
    if (response.status !== 200) throw await responseError(method, url, response);
    return readToken(url.host, await readAll(response.body, tokenLimitBytes, 'the token'), request.now());
  } catch (error) {
    throw connectionError(method, url, error);
  }
}

/** The value of an Authorization header for basic credentials, in UTF-8. */
export function basicAuthorization({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
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

/** The scopes wanted, and those that the registry asks for on anything else than what they name. */
function withChallengeScopes(wanted: readonly string[], asked: string | undefined): readonly string[] {
  const resourceOf = (scope: string) => scope.slice(0, scope.lastIndexOf(':'));
  const resources = new Set(wanted.map(resourceOf));
  const others = (asked ?? '')
    .split(' ')
    .filter((scope) => scope !== '' && !resources.has(resourceOf(scope)));
  return [...wanted, ...others];
}

function readToken(host: string, bytes: Uint8Array, now: number): Token {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The parser's message quotes the text, and the text may be most of a token.
    throw unexpectedAnswer(host, 'the token answer is not JSON');
  }
  const { token, access_token: accessToken, expires_in: lifetime } = isRecord(answer) ? answer : {};
  const value = typeof token === 'string' && token !== '' ? token : accessToken;
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw unexpectedAnswer(host, 'the token answer holds no usable token');
  }
  const seconds = typeof lifetime === 'number' && lifetime > 0 ? lifetime : defaultLifetimeSeconds;
  return { value, expiresAt: now + seconds * 1000 - marginMs };
}
