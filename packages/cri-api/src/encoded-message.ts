// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { encode, listField } from './codec.ts';
import type { Messages } from './generated/messages.ts';
import type { Input } from './method.ts';

/** A message in bytes. A handler may answer with one; it is sent as it is. */
export class EncodedMessage<Message> {
  /** For the compiler alone: an encoded answer to one call is none to another. */
  declare readonly message?: Message;
  /** Such as `ListContainersResponse`. */
  readonly name: string;
  readonly bytes: Buffer;

  constructor(name: string, bytes: Buffer) {
    this.name = name;
    this.bytes = bytes;
  }
}

/** Names of the fields that are lists of messages. */
export type ListField<Message> = {
  [Field in keyof Message]: Message[Field] extends readonly object[] ? Field : never;
}[keyof Message] &
  string;

type ItemOf<List> = List extends readonly (infer Item)[] ? Item : never;

/**
 * Encodes a message that is sent more than once, or in several lists.
 *
 * @throws LadingError `invalid_argument` when a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeList, encodeMessage } from '@lading/cri-api';
 *
 * const [a, b] = ['a', 'b'].map((id) => encodeMessage('Container', { id }));
 * if (a && b) console.log(encodeList('ListContainersResponse', 'containers', [a, b]).bytes.toString('hex')); // → 0a030a01610a030a0162
 * ```
 */
export function encodeMessage<Name extends keyof Messages>(
  name: Name,
  value: Input<Messages[Name]>,
): EncodedMessage<Messages[Name]> {
  return new EncodedMessage(name, encode(name, value));
}

/**
 * A message that is one list, of items in bytes: what has not changed since the last list need not be encoded again.
 *
 * @throws LadingError `invalid_argument` for an item that is another message
 *
 * @example
 * ```ts
 * import { addRuntimeService, encodeList, encodeMessage } from '@lading/cri-api';
 * import { Server } from '@grpc/grpc-js';
 *
 * const sandboxes = [encodeMessage('PodSandbox', { id: 'p' })];
 * addRuntimeService(new Server(), {
 *   listPodSandbox: async () => encodeList('ListPodSandboxResponse', 'items', sandboxes),
 * });
 * ```
 */
export function encodeList<Name extends keyof Messages, Field extends ListField<Messages[Name]>>(
  name: Name,
  field: Field,
  items: readonly EncodedMessage<ItemOf<Messages[Name][Field]>>[],
): EncodedMessage<Messages[Name]> {
  const { tag, itemName } = listField(name, field);
  const stranger = items.find((item) => item.name !== itemName);
  if (stranger !== undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `${name}.${field} has no ${stranger.name}: ${itemName} alone`,
    );
  }
  let length = 0;
  for (const { bytes } of items) length += sizeOf(tag) + sizeOf(bytes.length) + bytes.length;
  const all = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { bytes } of items) {
    at = writeNumber(all, writeNumber(all, at, tag), bytes.length);
    all.set(bytes, at);
    at += bytes.length;
  }
  return new EncodedMessage(name, all);
}

/** Bytes that a number takes, seven bits to each. */
function sizeOf(number: number): number {
  let size = 1;
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) size += 1;
  return size;
}

/** Gives where it ends. */
function writeNumber(bytes: Buffer, at: number, number: number): number {
  let end = at;
  let rest = number;
  for (; rest > 127; rest >>>= 7) bytes[end++] = (rest & 127) | 128;
  bytes[end] = rest;
  return end + 1;
}
