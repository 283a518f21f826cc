// SPDX-License-Identifier: Apache-2.0
import { type HasherFactory, parseFamiliarReference, type Reference } from '@lading/image-spec';
import { listRepositories } from './catalog.ts';
import type { CredentialProvider } from './credentials.ts';
import { addressOf, createEndpoints } from './endpoint.ts';
import { createHostLimits, type HostLimitOptions } from './host-limits.ts';
import type { CallOptions } from './manifests.ts';
import type { ListOptions } from './name-list.ts';
import { ping } from './ping.ts';
import { createRepository, type Repository, type RepositoryOptions } from './repository.ts';
import type { RetryOptions } from './retry.ts';
import { type FoundRepository, type SearchOptions, search } from './search.ts';
import { createSession, type Session, type SessionContext } from './session.ts';
import { type TimeLimits, withTimeLimits } from './time-limits.ts';
import type { Transport } from './transport.ts';
import type { UndiciTransportOptions } from './undici-options.ts';
import { createWarningFilter, type RegistryWarning } from './warnings.ts';

/** Options of {@link createRegistryClient}. `tls` and `unixSocket` are for Node, and not for a transport of your own. */
export interface RegistryClientOptions extends Pick<UndiciTransportOptions, 'tls' | 'unixSocket'> {
  /** Default: none, every registry is asked anonymously. */
  readonly credentials?: CredentialProvider | undefined;
  /**
   * False, for all hosts or by host: certificates are not verified, and plain HTTP is used where TLS is not
   * spoken. Default: true.
   */
  readonly tlsVerify?: boolean | ((host: string) => boolean) | undefined;
  /** Default: `lading`. Browsers send their own. */
  readonly userAgent?: string | undefined;
  /** Default: undici in Node, `fetch` in a browser. A client closes the transport it was given. */
  readonly transport?: Transport | undefined;
  /** Called once for each different warning of a registry. */
  readonly onWarning?: ((warning: RegistryWarning) => void) | undefined;
  readonly retry?: RetryOptions | undefined;
  /** How much one host is asked for at a time. Default: no limit but what hosts say by 429. */
  readonly hostLimits?: HostLimitOptions | undefined;
  /** How long servers may keep us waiting. */
  readonly timeLimits?: TimeLimits | undefined;
  /** The clock by which tokens and pauses end, in milliseconds since the epoch. Default: Date.now. */
  readonly now?: (() => number) | undefined;
}

/** A client of any number of registries. */
export interface RegistryClient extends AsyncDisposable {
  /** The repository of a reference; a text may be short, as in `docker pull`: `alpine` is on docker.io. */
  repository(
    reference: Pick<Reference, 'host' | 'repository'> | string,
    options?: RepositoryOptions,
  ): Repository;
  /** Asks a registry whether it is there and takes the credentials. */
  ping(host: string, options?: CallOptions): Promise<void>;
  /** The names of a registry's repositories, where it tells them. */
  catalog(host: string, options?: ListOptions): AsyncGenerator<string>;
  /** Looks for repositories by a word, where the registry does that. @throws NotFound where it does not */
  search(host: string, term: string, options?: SearchOptions): Promise<readonly FoundRepository[]>;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}

/** Sessions hold tokens. A mirror that walks through more repositories than this fetches some tokens twice. */
const mostSessions = 1000;

/** What differs between Node and a browser. */
export interface Platform {
  readonly transport: Transport;
  readonly createHasher: HasherFactory;
}

/** A client with what the platform has. */
export function createClient(options: RegistryClientOptions, platform: Platform): RegistryClient {
  const { credentials = () => undefined, tlsVerify = true, userAgent = 'lading', onWarning } = options;
  const { retry = {}, now = Date.now } = options;
  const verifies = typeof tlsVerify === 'function' ? tlsVerify : () => tlsVerify;
  const limits = createHostLimits(options.hostLimits ?? {}, now, retry.pause);
  const transport = limits.wrap(withTimeLimits(platform.transport, options.timeLimits ?? {}));
  // A gzip in between would change the bytes that digests and sizes are of.
  const headers = { 'user-agent': userAgent, 'accept-encoding': 'identity' };
  const context: SessionContext = {
    transport,
    tlsVerify: verifies,
    credentials,
    headers,
    endpoints: createEndpoints(transport, verifies, headers),
    noteWarnings: createWarningFilter(onWarning),
    retryAt: (host) => ({
      ...retry,
      pause: (waitMs, signal) => limits.pause(addressOf(host), waitMs, signal),
    }),
    createHasher: platform.createHasher,
    now,
  };
  const sessions = new Map<string, Session>();

  function sessionFor(host: string, repository: string): Session {
    const key = `${host}/${repository}`;
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const session = createSession(context, host, repository);
    sessions.set(key, session);
    const [oldest] = sessions.keys();
    if (sessions.size > mostSessions && oldest !== undefined) sessions.delete(oldest);
    return session;
  }

  return {
    repository(reference, repositoryOptions) {
      const { host, repository } =
        typeof reference === 'string' ? parseFamiliarReference(reference) : reference;
      return createRepository(sessionFor(host, repository), repository, repositoryOptions);
    },
    ping: (host, callOptions) => ping(createSession(context, host), callOptions),
    catalog: (host, listOptions) => listRepositories(createSession(context, host), listOptions),
    // Docker's own answers at the address that it had from the beginning.
    search: (host, term, searchOptions) =>
      search(createSession(context, host === 'docker.io' ? 'index.docker.io' : host), term, searchOptions),
    close: () => transport.close(),
    [Symbol.asyncDispose]: () => transport.close(),
  };
}
