// SPDX-License-Identifier: Apache-2.0
import type { TlsMaterial } from './tls-material.ts';

/** Options of {@link createUndiciTransport}. */
export interface UndiciTransportOptions {
  /**
   * Authorities and client certificates by `host[:port]`; `certificateProvider` of `@lading/config` is one.
   * Default: none, Node's own trust alone.
   */
  readonly tls?: ((host: string) => TlsMaterial | undefined | Promise<TlsMaterial | undefined>) | undefined;
  /** The path of the socket on which a `host[:port]` is served, if on one. Default: none is. */
  readonly unixSocket?: ((host: string) => string | undefined) | undefined;
  /**
   * Resolves the name of a server, or fails. Whatever it gives, private addresses are left out where a server
   * of the public network named the name. Default: as the system does.
   */
  readonly resolve?: ((hostname: string) => Promise<readonly string[]>) | undefined;
  /** Time for a connection to be made, TLS included. Default: 15,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}
