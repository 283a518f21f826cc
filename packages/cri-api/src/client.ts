// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { Code, LadingError } from '@lading/errors';
import { methodDefinition } from './definition.ts';
import {
  type ImageService,
  imageServiceMethods,
  type RuntimeService,
  runtimeServiceMethods,
} from './generated/services.ts';
import { messageLimits } from './message-limits.ts';
import type { Input, StreamMethod, UnaryMethod } from './method.ts';
import { type ApiVersion, methodsOf } from './older-methods.ts';
import { errorOfStatus } from './status.ts';

/** Options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** How long the call may take. The default is the client's. */
  readonly timeoutMs?: number;
}

/** Options of a client. */
export interface ClientOptions {
  /** How long each call may take if it does not say so itself. The default is no limit. */
  readonly timeoutMs?: number;
  /** The largest message that is taken or sent, in bytes. The default is 16 MiB, as in the kubelet. */
  readonly maxMessageBytes?: number;
  /** The version that is spoken. Of v1alpha2 only the 29 methods that it had can be called. Default `v1`. */
  readonly apiVersion?: ApiVersion;
}

type Call<Method> =
  Method extends UnaryMethod<infer Request, infer Response>
    ? (request: Input<Request>, options?: CallOptions) => Promise<Response>
    : Method extends StreamMethod<infer Request, infer Response>
      ? (request: Input<Request>, options?: CallOptions) => AsyncIterable<Response>
      : never;

interface Closable {
  close(): void;
  [Symbol.dispose](): void;
}

/** Each RPC as a method. They reject with a LadingError that has the code of the gRPC status. */
export type RuntimeClient = {
  readonly [Name in keyof RuntimeService]: Call<RuntimeService[Name]>;
} & Closable;
export type ImageClient = { readonly [Name in keyof ImageService]: Call<ImageService[Name]> } & Closable;

/** A client of `runtime.v1.RuntimeService`. `address` is a socket's path, `unix:///run/x.sock`, or `host:port`. */
export function createRuntimeClient(address: string, options: ClientOptions = {}): RuntimeClient {
  return createClient(
    methodsOf(runtimeServiceMethods, options.apiVersion ?? 'v1'),
    address,
    options,
  ) as RuntimeClient;
}

/** A client of `runtime.v1.ImageService`. `address` is a socket's path, `unix:///run/x.sock`, or `host:port`. */
export function createImageClient(address: string, options: ClientOptions = {}): ImageClient {
  return createClient(
    methodsOf(imageServiceMethods, options.apiVersion ?? 'v1'),
    address,
    options,
  ) as ImageClient;
}

function createClient(methods: object, address: string, options: ClientOptions): object {
  const target = address.startsWith('/') ? `unix://${address}` : address;
  const client = new Client(target, credentials.createInsecure(), {
    ...messageLimits(options.maxMessageBytes),
    // A unix socket's path is no host name; grpc-js would send it percent-encoded as the authority.
    'grpc.default_authority': 'localhost',
    // A connection of the client's own: the back-off after a failed one must not reach the next client.
    'grpc.use_local_subchannel_pool': 1,
  });
  const calls = Object.entries(methods).map(
    ([name, method]: [string, UnaryMethod<unknown, unknown> | StreamMethod<unknown, unknown>]) => {
      const { path, requestSerialize, responseDeserialize } = methodDefinition(name, method);
      const settings = (given: CallOptions): { deadline?: number } => {
        const timeoutMs = given.timeoutMs ?? options.timeoutMs;
        return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
      };
      const unary = (request: object, given: CallOptions = {}): Promise<object> =>
        new Promise((resolve, reject) => {
          if (given.signal?.aborted) throw canceled(given.signal);
          const call = client.makeUnaryRequest(
            path,
            asItIs,
            responseDeserialize,
            // Here, since grpc-js would report a fault of the request as one of its own.
            requestSerialize(request),
            new Metadata(),
            settings(given),
            (error, response) => {
              given.signal?.removeEventListener('abort', cancel);
              if (error) reject(given.signal?.aborted ? canceled(given.signal) : errorOfStatus(error, path));
              else resolve(response ?? {});
            },
          );
          const cancel = (): void => call.cancel();
          given.signal?.addEventListener('abort', cancel, { once: true });
        });
      async function* stream(request: object, given: CallOptions = {}): AsyncGenerator<object> {
        if (given.signal?.aborted) throw canceled(given.signal);
        const call = client.makeServerStreamRequest(
          path,
          asItIs,
          responseDeserialize,
          requestSerialize(request),
          new Metadata(),
          settings(given),
        );
        const cancel = (): void => call.cancel();
        given.signal?.addEventListener('abort', cancel, { once: true });
        try {
          for await (const response of call) yield response;
        } catch (error) {
          throw given.signal?.aborted ? canceled(given.signal) : errorOfStatus(error as ServiceError, path);
        } finally {
          given.signal?.removeEventListener('abort', cancel);
          call.cancel();
        }
      }
      return [name, method.stream ? stream : unary];
    },
  );
  const close = (): void => client.close();
  return { ...Object.fromEntries(calls), close, [Symbol.dispose]: close };
}

const asItIs = (bytes: Buffer): Buffer => bytes;

function canceled(signal: AbortSignal): LadingError {
  return LadingError.from(signal.reason, Code.Canceled);
}
