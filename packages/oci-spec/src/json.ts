// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Rule } from './rule.ts';

/** What the parsers accept: a document's bytes, its text, or what `JSON.parse` made of it. */
export type DocumentInput = Uint8Array | string | object;

export interface ParseOptions {
  /** Longer documents are refused unread. Default 4 MiB. */
  readonly maxBytes?: number;
}

/** Reads a JSON document and checks it by a rule; `name` begins the path in errors. */
export function parseDocument<T>(
  name: string,
  rule: Rule<T>,
  input: DocumentInput,
  options: ParseOptions = {},
): T {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) return rule(input, name);
  const maxBytes = options.maxBytes ?? 4 * 1024 * 1024;
  if (input.length > maxBytes) {
    throw new LadingError(Code.ResourceExhausted, `${name}: longer than the limit of ${maxBytes} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(typeof input === 'string' ? input : decodeUtf8(input), exactNumber);
  } catch (cause) {
    // JSON.parse quotes the input in its message, and the input may be hostile: it stays in the cause.
    throw new LadingError(Code.InvalidArgument, `${name}: not a JSON document in UTF-8`, { cause });
  }
  return rule(value, name);
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Keeps the digits of a number that a double would round; more digits than 64 bits have are left to the rule. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d{1,20}$/.test(source) ? BigInt(source) : value;
}

/**
 * The JSON bytes of a spec, state or features document. Numbers that are bigints (`JSON.stringify` refuses
 * them) are written with all their digits.
 */
export function encodeDocument(value: object): Uint8Array {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? rawJson(member.toString()) : member,
  );
  return new TextEncoder().encode(text);
}

const { rawJSON: rawJson } = JSON as JSON & { rawJSON(text: string): unknown };
