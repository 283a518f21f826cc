// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Rule } from './rule.ts';

/** What the parsers of documents accept: its bytes, its text, or what `JSON.parse` made of it. */
export type DocumentInput = Uint8Array | string | object;

/** Options of the parsers of documents. */
export interface ParseOptions {
  /** Longer documents are refused unread. Default 4 MiB, the least that a registry must accept. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 4 * 1024 * 1024;

/** The bytes that a document was read from. Such a document is frozen, so that these stay its bytes. */
const sources = new WeakMap<object, Uint8Array>();

/**
 * Reads a JSON document and checks it by a rule; `name` begins the path in errors. A document that comes
 * from bytes or text is frozen and remembers them: see {@link encodeJson}.
 *
 * @throws LadingError `invalid_argument` naming the path of the fault, `resource_exhausted` beyond `maxBytes`
 */
export function parseDocument<T>(
  name: string,
  rule: Rule<T>,
  input: DocumentInput,
  options: ParseOptions = {},
): T {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) return rule(input, name);
  const document = rule(readJson(name, input, options), name);
  return typeof document === 'object' && document !== null ? remember(document, input) : document;
}

/** Freezes a document and ties it to the bytes or text that it was read from; other input is left as it is. */
export function remember<T extends object>(document: T, input: DocumentInput): T {
  if (typeof input === 'string') sources.set(freeze(document), new TextEncoder().encode(input));
  else if (input instanceof Uint8Array) sources.set(freeze(document), input.slice());
  return document;
}

/**
 * The JSON value of bytes or text. Integers that a double would round are bigints.
 *
 * @throws LadingError `invalid_argument` for what is not JSON in UTF-8, `resource_exhausted` beyond `maxBytes`
 */
export function readJson(name: string, input: DocumentInput, options: ParseOptions = {}): unknown {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) return input;
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (input.length > maxBytes) {
    throw new LadingError(Code.ResourceExhausted, `${name}: longer than the limit of ${maxBytes} bytes`);
  }
  try {
    const text = typeof input === 'string' ? input : decodeUtf8(input);
    return longNumber.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
  } catch (cause) {
    // JSON.parse quotes the input in its message, and the input is hostile: the message stays in the cause.
    throw new LadingError(Code.InvalidArgument, `${name}: not a JSON document in UTF-8`, { cause });
  }
}

/**
 * The JSON bytes of a document. One that was parsed from bytes or text gives exactly those back, since its
 * digest is of them; anything else is written without spaces. Bigints are written with all their digits.
 *
 * @throws LadingError `invalid_argument` for what JSON cannot hold
 */
export function encodeJson(value: unknown): Uint8Array {
  const source = typeof value === 'object' && value !== null ? sources.get(value) : undefined;
  if (source !== undefined) return source.slice();
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'bigint' ? rawJson(member.toString()) : member,
    );
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, 'the value cannot be written as JSON', { cause });
  }
  if (text === undefined) throw new LadingError(Code.InvalidArgument, 'the value has no form in JSON');
  return new TextEncoder().encode(text);
}

const { rawJSON: rawJson } = JSON as JSON & { rawJSON(text: string): unknown };

/** The reviver below costs time, and few documents hold a number that needs it. */
const longNumber = /[:[,\s-]\d{16}/;

/** Keeps the digits of an integer that a double would round. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d{1,40}$/.test(source) ? BigInt(source) : value;
}

/** Strict: a replacement character or a dropped byte order mark would make two documents of one digest. */
function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Freezes a value and all within it; by a list, since a hostile document may be nested deeper than the stack. */
function freeze<T extends object>(value: T): T {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue;
    Object.freeze(next);
    for (const member of Object.values(next)) open.push(member);
  }
  return value;
}
