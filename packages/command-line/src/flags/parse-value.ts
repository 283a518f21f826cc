// SPDX-License-Identifier: Apache-2.0
import { quote } from '@lading/go-template';
import type { FlagKind } from '../spec.ts';
import { parseCsv } from './csv.ts';
import { parseDurationMs } from './duration.ts';

/** A parsed value, or the sentence that Go's parser has for the mistake. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

export type FlagValue = boolean | number | string | readonly string[];

/** The value of one occurrence of a flag. */
export function parseValue(kind: FlagKind, text: string): Parsed<FlagValue> {
  switch (kind) {
    case 'boolean':
      return parseBoolean(text);
    case 'int':
    case 'count':
      return parseInteger(text, 'ParseInt');
    case 'uint':
      return parseInteger(text, 'ParseUint');
    case 'float':
      return parseDecimal(text);
    case 'duration':
      return parseDurationMs(text);
    case 'stringSlice':
      return text === '' ? { value: [] } : parseCsv(text);
    case 'strings':
      return { value: [text] };
    case 'string':
      return { value: text };
  }
}

const truths: readonly string[] = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const untruths: readonly string[] = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

function parseBoolean(text: string): Parsed<boolean> {
  if (truths.includes(text)) return { value: true };
  if (untruths.includes(text)) return { value: false };
  return syntax('ParseBool', text);
}

/** Base 10, or by prefix: 0x, 0o, 0b, and a leading 0 for octal; `_` may stand between digits after a prefix. */
function parseInteger(text: string, parser: 'ParseInt' | 'ParseUint'): Parsed<number> {
  const match = /^([+-]?)(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]*|[1-9][\d_]*)$/.exec(text);
  const sign = match?.[1] ?? '';
  let digits = match?.[2] ?? '';
  if (match === null || (sign !== '' && parser === 'ParseUint')) return syntax(parser, text);
  if (/__|_$/.test(digits) || (digits.includes('_') && !digits.startsWith('0'))) return syntax(parser, text);
  digits = digits.replaceAll('_', '');
  if (/^0\d+$/.test(digits)) digits = `0o${digits.slice(1)}`;
  if (/^0[oO]$/.test(digits)) return syntax(parser, text);
  const value = Number(BigInt(digits)) * (sign === '-' ? -1 : 1);
  if (!Number.isSafeInteger(value)) return range(parser, text);
  return { value: value === 0 ? 0 : value };
}

function parseDecimal(text: string): Parsed<number> {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return syntax('ParseFloat', text);
  const value = Number(text);
  return Number.isFinite(value) ? { value } : range('ParseFloat', text);
}

function syntax(parser: string, text: string): { problem: string } {
  return { problem: `strconv.${parser}: parsing ${quote(text)}: invalid syntax` };
}

function range(parser: string, text: string): { problem: string } {
  return { problem: `strconv.${parser}: parsing ${quote(text)}: value out of range` };
}
