// SPDX-License-Identifier: Apache-2.0

declare const requestType: unique symbol;
declare const responseType: unique symbol;

interface Method<Request, Response> {
  /** The HTTP/2 path: `/runtime.v1.RuntimeService/Version`. */
  readonly path: string;
  /** Names of the messages. */
  readonly request: string;
  readonly response: string;
  readonly [requestType]?: Request;
  readonly [responseType]?: Response;
}

/** One request, one response. */
export interface UnaryMethod<Request, Response> extends Method<Request, Response> {
  readonly stream: false;
}

/** One request, a stream of responses. */
export interface StreamMethod<Request, Response> extends Method<Request, Response> {
  readonly stream: true;
}

/**
 * A message as one writes it: any field may be left out, at any depth. What is left out is sent as proto3's zero
 * value (`0`, `''`, `[]`), and a message is not sent at all.
 */
export type Input<T> = T extends string | number | bigint | boolean | Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Input<Item>[]
    : string extends keyof T
      ? T
      : { readonly [Key in keyof T]?: Input<T[Key]> | undefined };
