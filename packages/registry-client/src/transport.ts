// SPDX-License-Identifier: Apache-2.0
import type { ContentSource } from './image-store.ts';

/** One HTTP request, as a {@link Transport} is to send it: no redirects, no retries, no credentials of its own. */
export interface TransportRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with the `content-length` that the headers name. */
  readonly body?: Uint8Array | ContentSource | undefined;
  /** False: the server's certificate is not verified. */
  readonly tlsVerify: boolean;
  /**
   * True: a server of the public network led here, and a name that resolves to an address of the own machine
   * or network is refused, with `PermissionDenied` and reason `UNSAFE_LOCATION`. A transport that does not
   * resolve names itself (a proxy does, or a browser) cannot know.
   */
  readonly publicOnly?: boolean | undefined;
  /** Ends the request, and the body of its answer while that is still being read. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * An answer whose head has arrived. The body must be read to its end or left early (`break`, `return()`),
 * which destroys the connection: an answer that nobody reads holds one.
 */
export interface TransportResponse {
  readonly status: number;
  /** A `Headers` will do. */
  readonly headers: Pick<Headers, 'get' | 'has'>;
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Takes a chunk of the body whose reader is done with it: its memory will be overwritten. Nobody has to call
   * this; a fast download then leaves less to the garbage collector.
   */
  readonly recycle?: ((chunk: Uint8Array) => void) | undefined;
  /** True when the server is in the own machine or network, false when it is not; undefined: nobody knows. */
  readonly isPrivate?: boolean | undefined;
  /** Where the answer is from, when the transport has to follow redirects by itself, as a browser does. */
  readonly url?: URL | undefined;
}

/**
 * The seam to HTTP. `send` resolves for every status and rejects only when no answer came; whatever it
 * rejects with becomes a LadingError through `LadingError.from`. `@lading/registry-client/conformance` has
 * the tests for one of your own.
 */
export interface Transport {
  /** True: a streamed body is held in memory whole before it is sent, so it is to come in bounded pieces. */
  readonly buffersBodies?: boolean | undefined;
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}
