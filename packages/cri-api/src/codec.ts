// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import Long from 'long';
import protobuf from 'protobufjs/light.js';
import { schema } from './generated/schema.ts';

// Without this protobufjs would read 64-bit numbers as doubles: it looks for `long` by a require that bundles lack.
protobuf.util.Long = Long;
protobuf.configure();

const root = protobuf.Root.fromJSON(schema);

function typeOf(name: string): protobuf.Type {
  return root.lookupType(`runtime.v1.${name}`);
}

/**
 * The bytes of a message. 64-bit numbers are `bigint`; enums are numbers.
 *
 * @throws LadingError `invalid_argument` when a value does not fit its field
 */
export function encode(name: string, value: object): Buffer {
  const type = typeOf(name);
  const plain = toWire(value, name);
  const fault = type.verify(plain);
  if (fault !== null) throw new LadingError(Code.InvalidArgument, `${name}: ${fault}`);
  return Buffer.from(type.encode(type.fromObject(plain)).finish());
}

/**
 * The message in the bytes: absent numbers, strings, lists and maps have their zero value, absent messages are
 * left out, unknown fields are passed over, as proto3 wants it.
 *
 * @throws LadingError `invalid_argument` when the bytes are no such message
 */
export function decode(name: string, bytes: Uint8Array): object {
  const type = typeOf(name);
  try {
    return withoutNulls(
      type.toObject(type.decode(bytes), { longs: BigInt, defaults: true, arrays: true, objects: true }),
    );
  } catch (cause) {
    throw new LadingError(
      Code.InvalidArgument,
      `these bytes are no ${name}: ${LadingError.from(cause).message}`,
      { cause },
    );
  }
}

type Plain = Record<string, unknown>;

/** protobufjs takes 64-bit numbers as two halves, and no undefined. */
function toWire(value: object, path: string): Plain {
  const plain: Plain = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) plain[key] = itemToWire(item, `${path}.${key}`);
  }
  return plain;
}

function itemToWire(item: unknown, path: string): unknown {
  if (typeof item === 'bigint') return halvesOf(item, path);
  if (Array.isArray(item)) return item.map((one, index) => itemToWire(one, `${path}[${index}]`));
  if (typeof item === 'object' && item !== null && !(item instanceof Uint8Array)) return toWire(item, path);
  return item;
}

function halvesOf(value: bigint, path: string): { low: number; high: number; unsigned: boolean } {
  const unsigned = value >= 0n && BigInt.asIntN(64, value) !== value;
  if (unsigned ? BigInt.asUintN(64, value) !== value : BigInt.asIntN(64, value) !== value) {
    throw new LadingError(Code.InvalidArgument, `${path}: ${value} does not fit into 64 bits`);
  }
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned };
}

/** protobufjs gives absent messages as null. */
function withoutNulls(value: Plain): Plain {
  for (const [key, item] of Object.entries(value)) {
    if (item === null) delete value[key];
    else if (Array.isArray(item)) for (const one of item) clean(one);
    else clean(item);
  }
  return value;
}

function clean(item: unknown): void {
  if (typeof item === 'object' && item !== null && !(item instanceof Uint8Array)) withoutNulls(item as Plain);
}
