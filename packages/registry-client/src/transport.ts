// SPDX-License-Identifier: Apache-2.0

/** One HTTP request, as a {@link Transport} is to send it: no redirects, no retries, no credentials of its own. */
export interface TransportRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with the `content-length` that the headers name. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** False: the server's certificate is not verified. */
  readonly tlsVerify: boolean;
  /** Ends the request, and the body of its answer while that is still being read. */
  readonly signal?: AbortSignal;
}

/**
 * An answer whose head has arrived. The body must be read to its end or left early (`break`, `return()`),
 * which destroys the connection: an answer that nobody reads holds one.
 */
export interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The seam to HTTP. `send` resolves for every status and rejects only when no answer came; whatever it
 * rejects with becomes a LadingError through `LadingError.from`.
 */
export interface Transport {
  /** True where a request's body must be in memory as a whole: uploads then go in chunks. Default: false. */
  readonly buffersBodies?: true | undefined;
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}
