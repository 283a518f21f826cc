// SPDX-License-Identifier: Apache-2.0
import { parseFamiliarReference, type Reference } from '@lading/image-spec';
import { listRepositories } from './catalog.ts';
import type { CredentialProvider } from './credentials.ts';
import { createEndpoints } from './endpoint.ts';
import type { CallOptions } from './manifests.ts';
import type { ListOptions } from './name-list.ts';
import { ping } from './ping.ts';
import { createRepository, type Repository, type RepositoryOptions } from './repository.ts';
import type { RetryOptions } from './retry.ts';
import { createSession, type Session, type SessionContext } from './session.ts';
import type { Transport } from './transport.ts';
import { createUndiciTransport, type TlsMaterial } from './undici-transport.ts';
import { createWarningFilter, type RegistryWarning } from './warnings.ts';

/** Options of {@link createRegistryClient}. */
export interface RegistryClientOptions {
  /** Default: none, every registry is asked anonymously. */
  readonly credentials?: CredentialProvider | undefined;
  /**
   * False, for all hosts or by host: certificates are not verified, and plain HTTP is used where TLS is not
   * spoken. Default: true.
   */
  readonly tlsVerify?: boolean | ((host: string) => boolean) | undefined;
  /** Authorities and client certificates by host. Default: the system's trust. Not for a transport of your own. */
  readonly tls?: ((host: string) => TlsMaterial | undefined) | undefined;
  /** Default: `lading`. */
  readonly userAgent?: string | undefined;
  /** Default: {@link createUndiciTransport}. A client closes the transport it was given. */
  readonly transport?: Transport | undefined;
  /** Called once for each different warning of a registry. */
  readonly onWarning?: ((warning: RegistryWarning) => void) | undefined;
  readonly retry?: RetryOptions | undefined;
  /** The clock by which tokens end, in milliseconds since the epoch. Default: Date.now. */
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
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}

/** Sessions hold tokens. A mirror that walks through more repositories than this fetches some tokens twice. */
const mostSessions = 1000;

/**
 * Makes a client. It opens connections as they are needed and keeps them until `close()`.
 *
 * @example
 * ```ts
 * import { createRegistryClient } from '@lading/registry-client';
 *
 * await using client = createRegistryClient();
 * const { descriptor } = await client.repository('alpine').manifests.fetch('latest');
 * console.log(descriptor.digest);
 * ```
 */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const { credentials = () => undefined, tlsVerify = true, tls, userAgent = 'lading', onWarning } = options;
  const transport = options.transport ?? createUndiciTransport(tls === undefined ? {} : { tls });
  const verifies = typeof tlsVerify === 'function' ? tlsVerify : () => tlsVerify;
  // A gzip in between would change the bytes that digests and sizes are of.
  const headers = { 'user-agent': userAgent, 'accept-encoding': 'identity' };
  const context: SessionContext = {
    transport,
    tlsVerify: verifies,
    credentials,
    headers,
    endpoints: createEndpoints(transport, verifies, headers),
    noteWarnings: createWarningFilter(onWarning),
    retry: options.retry ?? {},
    now: options.now ?? Date.now,
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
    close: () => transport.close(),
    [Symbol.asyncDispose]: () => transport.close(),
  };
}
