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
  const plain = toWire(type, value, name);
  const fault = type.verify(plain);
  if (fault !== null) throw new LadingError(Code.InvalidArgument, `${name}: ${fault}`);
  return Buffer.from(type.encode(type.fromObject(plain)).finish());
}

/** How the items of a list of messages are marked in the bytes, and what they are. */
export function listField(name: string, field: string): { readonly tag: number; readonly itemName: string } {
  const found = typeOf(name).fields[field]?.resolve();
  if (!found?.repeated || !(found.resolvedType instanceof protobuf.Type)) {
    throw new LadingError(Code.InvalidArgument, `${name} has no list of messages named ${field}`);
  }
  return { tag: ((found.id << 3) | 2) >>> 0, itemName: found.resolvedType.name };
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

/** protobufjs takes 64-bit numbers as two halves, and no undefined. Fields that the type has not are left out. */
function toWire(type: protobuf.Type, value: object, path: string): Plain {
  const plain: Plain = {};
  for (const field of type.fieldsArray) {
    const item: unknown = (value as Plain)[field.name];
    if (item !== undefined) plain[field.name] = fieldToWire(field.resolve(), item, `${path}.${field.name}`);
  }
  return plain;
}

function fieldToWire(field: protobuf.Field, item: unknown, path: string): unknown {
  if (field.map) return item; // The interface has maps of strings alone.
  if (Array.isArray(item)) return item.map((one, index) => itemToWire(field, one, `${path}[${index}]`));
  return itemToWire(field, item, path);
}

function itemToWire(field: protobuf.Field, item: unknown, path: string): unknown {
  if (typeof item === 'bigint') return halvesOf(item, field.type === 'uint64', path);
  const nested = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
  return nested && typeof item === 'object' && item !== null ? toWire(nested, item, path) : item;
}

function halvesOf(value: bigint, unsigned: boolean, path: string): { low: number; high: number } {
  if (value !== (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value))) {
    throw new LadingError(Code.InvalidArgument, `${path}: ${value} does not fit into 64 bits`);
  }
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
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
