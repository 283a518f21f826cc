// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Refusal, startRegistry } from '@lading/registry';

/** Options of {@link startTokenRegistry}. */
export interface TokenRegistryOptions {
  /** Passwords by name. Default: `anna` with `secret`. */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /** Lifetime of an access token. Default: 300. */
  readonly expiresInSeconds?: number | undefined;
  /** The clock of the tokens, in milliseconds since the epoch. Default: Date.now. */
  readonly now?: (() => number) | undefined;
  /** False: a POST to the realm is a 404, as from token servers that know the GET alone. Default: true. */
  readonly oauth2?: boolean | undefined;
  /** True: who sends no credentials gets a token that may pull. Default: false. */
  readonly anonymousPull?: boolean | undefined;
}

/** What a client asked the realm for. */
interface RecordedTokenRequest {
  readonly method: string;
  readonly scopes: readonly string[];
  /** The `grant_type` of a POST. */
  readonly grant?: string;
  /** Who was named by the credentials or the refresh token, right or wrong. */
  readonly user?: string;
}

/** A lading-registry in memory whose requests need bearer tokens, and the token server. */
export interface TokenRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` of the registry. */
  readonly host: string;
  /** The URL of the token server, on a port of its own. */
  readonly realm: string;
  readonly tokenRequests: readonly RecordedTokenRequest[];
  /** A refresh token (identity token) as a login would have stored it. */
  issueRefreshToken(user: string): string;
  /** Every access token given out so far is refused from now on; refresh tokens stay. */
  expireTokens(): void;
}

interface Access {
  readonly granted: ReadonlySet<string>;
  readonly expiresAt: number;
}

/**
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function startTokenRegistry(options: TokenRegistryOptions = {}): Promise<TokenRegistry> {
  const { users = { anna: 'secret' }, expiresInSeconds = 300, now = Date.now } = options;
  const { oauth2 = true, anonymousPull = false } = options;
  const tokens = new Map<string, Access>();
  const refreshTokens = new Map<string, string>();
  const tokenRequests: RecordedTokenRequest[] = [];

  function issueRefreshToken(user: string): string {
    const token = randomUUID();
    refreshTokens.set(token, user);
    return token;
  }

  function grant(user: string | undefined, scopes: readonly string[]): Readonly<Record<string, unknown>> {
    const token = randomUUID();
    const rights = scopes
      .flatMap(rightsOf)
      .filter((right) => user !== undefined || /^repository:.*:pull$/.test(right));
    tokens.set(token, { granted: new Set(rights), expiresAt: now() + expiresInSeconds * 1000 });
    return { access_token: token, expires_in: expiresInSeconds, issued_at: new Date(now()).toISOString() };
  }

  async function realm(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    if (method === 'GET') {
      const scopes = new URL(url, 'http://realm').searchParams.getAll('scope').flatMap(wordsOf);
      const [, encoded] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
      const [, user, password] =
        /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
      tokenRequests.push({ method, scopes, ...(user === undefined ? {} : { user }) });
      const known = user !== undefined && Object.hasOwn(users, user) && users[user] === password;
      if (!known && (user !== undefined || !anonymousPull)) return answer(response, 401, unauthorized);
      const { access_token: token, ...rest } = grant(user, scopes);
      return answer(response, 200, { token, access_token: token, ...rest });
    }
    const form = new URLSearchParams(await text(request));
    if (method !== 'POST' || !oauth2) return answer(response, 404, { error: 'not_found' });
    const scopes = wordsOf(form.get('scope') ?? '');
    const kind = form.get('grant_type') ?? '';
    const refreshToken = form.get('refresh_token') ?? '';
    const user =
      (kind === 'refresh_token' ? refreshTokens.get(refreshToken) : form.get('username')) ?? undefined;
    tokenRequests.push({ method, scopes, grant: kind, ...(user === undefined ? {} : { user }) });
    if (kind !== 'refresh_token' && kind !== 'password') {
      return answer(response, 400, { error: 'unsupported_grant_type' });
    }
    const right = user !== undefined && Object.hasOwn(users, user);
    if (!right || (kind === 'password' && users[user] !== form.get('password'))) {
      return answer(response, 401, { ...unauthorized, error: 'invalid_grant' });
    }
    const offline = kind === 'password' && form.get('access_type') === 'offline';
    const stored = offline ? issueRefreshToken(user) : refreshToken;
    answer(response, 200, {
      ...grant(user, scopes),
      scope: scopes.join(' '),
      ...(stored === '' ? {} : { refresh_token: stored }),
    });
  }

  function authorize(request: IncomingMessage): Refusal | undefined {
    const [, sent] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const access = sent === undefined ? undefined : tokens.get(sent);
    const valid = access !== undefined && access.expiresAt > now();
    const scopes = scopesOf(request);
    if (valid && scopes.flatMap(rightsOf).every((right) => access.granted.has(right))) return undefined;
    const fault = valid ? 'insufficient_scope' : 'invalid_token';
    const parameters = {
      realm: realmUrl,
      service: 'token-registry',
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(sent === undefined ? {} : { error: fault }),
    };
    const list = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
    return { challenge: `Bearer ${list.join(',')}` };
  }

  await using stack = new AsyncDisposableStack();
  const server = createServer((request, response) => {
    realm(request, response).catch(() => response.destroy());
  });
  stack.defer(() => closeServer(server));
  const realmUrl = `http://127.0.0.1:${await listen(server)}/token`;
  const registry = stack.use(await startRegistry({ authorize }));
  const owned = stack.move();
  return {
    host: registry.host,
    realm: realmUrl,
    tokenRequests,
    issueRefreshToken,
    expireTokens: () => tokens.clear(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As token servers word it, in the form of the registry's own errors. */
const unauthorized = { errors: [{ code: 'UNAUTHORIZED', message: 'wrong user name or password' }] };

/** The scopes that a request to the registry needs, as its challenge names them. */
function scopesOf({ method = 'GET', url = '/' }: IncomingMessage): readonly string[] {
  const { pathname, searchParams } = new URL(url, 'http://registry');
  if (pathname === '/v2/_catalog') return ['registry:catalog:*'];
  const [, name] = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(pathname) ?? [];
  if (name === undefined) return [];
  const from = method === 'POST' ? searchParams.get('from') : null;
  const reads = method === 'GET' || method === 'HEAD';
  const actions = reads ? 'pull' : method === 'DELETE' ? 'delete' : 'pull,push';
  return [
    `repository:${name.replace(/\/blobs\/uploads$/, '')}:${actions}`,
    ...(from === null ? [] : [`repository:${from}:pull`]),
  ];
}

/** `repository:a:pull,push` → `repository:a:pull` and `repository:a:push`. */
function rightsOf(scope: string): readonly string[] {
  const resource = scope.slice(0, scope.lastIndexOf(':'));
  return scope
    .slice(resource.length + 1)
    .split(',')
    .map((action) => `${resource}:${action}`);
}

function wordsOf(scope: string): readonly string[] {
  return scope.split(' ').filter((word) => word !== '');
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the realm has no port');
  return address.port;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
