// SPDX-License-Identifier: Apache-2.0
import type {
  Metadata,
  Server,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Code, LadingError } from '@lading/errors';
import { serviceDefinition } from './definition.ts';
import type { EncodedMessage } from './encoded-message.ts';
import {
  type ImageService,
  imageServiceMethods,
  type RuntimeService,
  runtimeServiceMethods,
} from './generated/services.ts';
import type { Input, StreamMethod, UnaryMethod } from './method.ts';
import { type ApiVersion, methodsOf } from './older-methods.ts';
import { statusOf } from './status.ts';

/** What a handler knows of the call beside the request. */
export interface CallContext {
  /** Aborted when the client went away, gave up or ran out of time. */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
}

type Answer<Response> = Input<Response> | EncodedMessage<Response>;

type Handler<Method> =
  Method extends UnaryMethod<infer Request, infer Response>
    ? (request: Request, context: CallContext) => Promise<Answer<Response>>
    : Method extends StreamMethod<infer Request, infer Response>
      ? (request: Request, context: CallContext) => AsyncIterable<Answer<Response>>
      : never;

/** Handlers by method name; what is missing answers UNIMPLEMENTED. */
export type RuntimeServiceHandlers = {
  readonly [Name in keyof RuntimeService]?: Handler<RuntimeService[Name]>;
};
export type ImageServiceHandlers = { readonly [Name in keyof ImageService]?: Handler<ImageService[Name]> };

/** Adds `runtime.v1.RuntimeService` to a grpc-js server, or that of `runtime.v1alpha2`; one server can have both. */
export function addRuntimeService(
  server: Server,
  handlers: RuntimeServiceHandlers,
  version: ApiVersion = 'v1',
): void {
  addService(server, methodsOf(runtimeServiceMethods, version), handlers);
}

/** Adds `runtime.v1.ImageService` to a grpc-js server, or that of `runtime.v1alpha2`; one server can have both. */
export function addImageService(
  server: Server,
  handlers: ImageServiceHandlers,
  version: ApiVersion = 'v1',
): void {
  addService(server, methodsOf(imageServiceMethods, version), handlers);
}

function addService(server: Server, methods: object, handlers: object): void {
  server.addService(serviceDefinition(methods), implementation(methods, handlers));
}

type LooseHandler = (request: object, context: CallContext) => Promise<object> | AsyncIterable<object>;

function implementation(methods: object, handlers: object): UntypedServiceImplementation {
  const loose = new Map<string, LooseHandler>(Object.entries(handlers));
  return Object.fromEntries(
    Object.entries(methods).map(
      ([name, method]: [string, UnaryMethod<unknown, unknown> | StreamMethod<unknown, unknown>]) => {
        const handler = loose.get(name) ?? (() => Promise.reject(missing(method.path)));
        return [name, method.stream ? streaming(handler, method.path) : unary(handler)];
      },
    ),
  );
}

function missing(path: string): LadingError {
  return new LadingError(
    Code.Unimplemented,
    `${path.slice(1).replace('/', '.')} is not implemented by this server`,
  );
}

function contextOf(
  call: ServerUnaryCall<object, object> | ServerWritableStream<object, object>,
): CallContext {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort(new LadingError(Code.Canceled, 'the client ended the call')));
  return { signal: controller.signal, metadata: call.metadata };
}

function unary(handler: LooseHandler) {
  return (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>): void => {
    const work = async (): Promise<object> => handler(call.request, contextOf(call));
    work().then(
      (response) => answer(null, response),
      (error: unknown) => answer(statusOf(error)),
    );
  };
}

function streaming(handler: LooseHandler, path: string) {
  return async (call: ServerWritableStream<object, object>): Promise<void> => {
    const context = contextOf(call);
    try {
      const responses = handler(call.request, context);
      if (!(Symbol.asyncIterator in responses)) throw await responses.then(() => missing(path));
      for await (const response of responses) {
        if (context.signal.aborted) return;
        if (!call.write(response)) await drained(call, context.signal);
      }
      call.end();
    } catch (error) {
      call.emit('error', statusOf(error));
    }
  };
}

function drained(call: ServerWritableStream<object, object>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    signal.addEventListener('abort', done);
  });
}
