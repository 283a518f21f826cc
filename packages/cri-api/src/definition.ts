// SPDX-License-Identifier: Apache-2.0
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { Code, LadingError } from '@lading/errors';
import { decode, encode } from './codec.ts';
import { EncodedMessage } from './encoded-message.ts';
import type { StreamMethod, UnaryMethod } from './method.ts';

type AnyMethod = UnaryMethod<unknown, unknown> | StreamMethod<unknown, unknown>;

/** How grpc-js calls a method. */
export function methodDefinition(name: string, method: AnyMethod): MethodDefinition<object, object> {
  return {
    path: method.path,
    originalName: name,
    requestStream: false,
    responseStream: method.stream,
    requestSerialize: (value) => encode(method.request, value),
    requestDeserialize: (bytes) => decode(method.request, bytes),
    responseSerialize: (value) => bytesOf(method, value),
    responseDeserialize: (bytes) => decode(method.response, bytes),
  };
}

function bytesOf({ path, response }: AnyMethod, value: object): Buffer {
  if (!(value instanceof EncodedMessage)) return encode(response, value);
  if (value.name === response) return value.bytes;
  throw new LadingError(
    Code.Internal,
    `${path} answers with a ${response}; its handler gave a ${value.name}`,
  );
}

/** A service as grpc-js's `Server.addService` takes it. */
export function serviceDefinition(methods: object): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]: [string, AnyMethod]) => [
      name,
      methodDefinition(name, method),
    ]),
  );
}
