// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, type Rule } from './rule.ts';

/** What the parsers of documents accept: its bytes, its text, or what `JSON.parse` made of it. */
export type DocumentInput = Uint8Array | string | object;

/** Options of the parsers of documents. */
export interface ParseOptions {
  /** Longer documents are refused unread. Default 4 MiB, the least that a registry must accept. */
  readonly maxBytes?: number | undefined;
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
  const document = rule(readJson(name, input, options), name);
  return typeof document === 'object' && document !== null ? remember(document, input) : document;
}

/** Freezes a document and ties it to the bytes or text that it was read from; other input is left as it is. */
export function remember<T extends object>(document: T, input: DocumentInput): T {
  if (typeof input === 'string') sources.set(freeze(document), new TextEncoder().encode(input));
  else if (input instanceof Uint8Array) sources.set(freeze(document), copy(input));
  return document;
}

/**
 * The JSON value of bytes or text; any other value is returned as it is. Integers that a double would round
 * are bigints.
 *
 * @throws LadingError `invalid_argument` for what is not JSON in UTF-8, `resource_exhausted` beyond `maxBytes`
 */
export function readJson(name: string, input: DocumentInput, options: ParseOptions = {}): unknown {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) return input;
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (input.length > maxBytes || (typeof input === 'string' && utf8Length(input) > maxBytes)) {
    throw new LadingError(Code.ResourceExhausted, `${name}: longer than the limit of ${maxBytes} bytes`);
  }
  // Half a surrogate pair has no bytes in UTF-8: the document could not be given back.
  if (typeof input === 'string' && !input.isWellFormed()) throw notJson(name);
  try {
    const text = typeof input === 'string' ? input : decodeUtf8(input);
    return longNumber.test(text) ? JSON.parse(text, exactNumber(name)) : JSON.parse(text);
  } catch (cause) {
    throw cause instanceof LadingError ? cause : notJson(name, cause);
  }
}

/** JSON.parse quotes the input in its message, and the input is hostile: the message stays in the cause. */
function notJson(name: string, cause?: unknown): LadingError {
  return new LadingError(Code.InvalidArgument, `${name}: not a JSON document in UTF-8`, { cause });
}

/**
 * The JSON bytes of a document. One that was parsed from bytes or text gives exactly those back, since its
 * digest is of them; anything else is written without spaces. Bigints are written with all their digits.
 *
 * @throws LadingError `invalid_argument` for what JSON cannot hold
 */
export function encodeJson(value: unknown): Uint8Array {
  const source = typeof value === 'object' && value !== null ? sources.get(value) : undefined;
  if (source !== undefined) return copy(source);
  let text: string | undefined;
  try {
    text = JSON.stringify(value, exactText);
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, 'the value cannot be written as JSON', { cause });
  }
  if (text === undefined) throw new LadingError(Code.InvalidArgument, 'the value has no form in JSON');
  return new TextEncoder().encode(text);
}

const { rawJSON: rawJson } = JSON as JSON & { rawJSON(text: string): unknown };

function exactText(_key: string, member: unknown): unknown {
  if (typeof member === 'bigint') return rawJson(member.toString());
  // JSON.stringify would write null.
  if (typeof member === 'number' && !Number.isFinite(member)) throw new RangeError(`${member} is not JSON`);
  return member;
}

/** The reviver below costs time, and few documents hold a number that needs it. */
const longNumber = /(?:^|[:[,\s-])\d{16}/;
/** Beyond these an integer is an attack on those who compute with it. */
const maxDigits = 1000;

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** Keeps the digits of an integer that a double would round. */
function exactNumber(name: string): Reviver {
  return (key, value, context) => {
    const source = context?.source;
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
    if (!/^-?\d+$/.test(source)) return value;
    if (source.length <= maxDigits) return BigInt(source);
    const message = `${name}: the integer at ${describe(key)} has more than ${maxDigits} digits`;
    throw new LadingError(Code.InvalidArgument, message);
  };
}

/** Strict: a replacement character or a dropped byte order mark would make two documents of one digest. */
function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Not `slice`, which of a Node Buffer is a view of the same memory. */
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The number of bytes that the text takes, without making them. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Half a pair stands for two of its four bytes.
    if (unit >= 0x80) length += unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return length;
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
