// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Rule } from './rule.ts';

/** What the parsers of documents accept: its bytes, its text, or what `JSON.parse` made of it. */
export type DocumentInput = Uint8Array | string | object;

export interface ParseOptions {
  /** Longer documents are refused unread. Default 4 MiB, the least that a registry must accept. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 4 * 1024 * 1024;

/** Reads a JSON document and checks it by a rule; `name` begins the path in errors. */
export function parseDocument<T>(
  name: string,
  rule: Rule<T>,
  input: DocumentInput,
  options: ParseOptions = {},
): T {
  return rule(readJson(name, input, options), name);
}

export function readJson(name: string, input: DocumentInput, options: ParseOptions): unknown {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) return input;
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (input.length > maxBytes) {
    throw new LadingError(Code.ResourceExhausted, `${name}: longer than the limit of ${maxBytes} bytes`);
  }
  try {
    return JSON.parse(typeof input === 'string' ? input : decodeUtf8(input));
  } catch (cause) {
    // JSON.parse quotes the input in its message, and the input is hostile: the message stays in the cause.
    throw new LadingError(Code.InvalidArgument, `${name}: not a JSON document in UTF-8`, { cause });
  }
}

/** Strict: a replacement character or a dropped byte order mark would make two documents of one digest. */
function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/**
 * The JSON bytes of a document, without spaces. A document that was parsed has the bytes it came from, and
 * its digest is of those: encode only what is new.
 */
export function encodeJson(value: unknown): Uint8Array {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, 'the value cannot be written as JSON', { cause });
  }
  if (text === undefined) throw new LadingError(Code.InvalidArgument, 'the value has no form in JSON');
  return new TextEncoder().encode(text);
}
