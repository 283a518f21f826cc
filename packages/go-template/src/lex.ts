// SPDX-License-Identifier: Apache-2.0
import { quote } from './quote.ts';
import { syntaxError, type TemplateSource } from './template-error.ts';

/** One word of an action. `spaced`: white space stands before it, which ends a chain of fields. */
export interface Token {
  readonly kind: 'dot' | 'field' | 'variable' | 'word' | 'string' | 'number' | 'char' | 'mark';
  readonly text: string;
  readonly at: number;
  readonly spaced: boolean;
}

/** Literal text, or the tokens of what stands between `{{` and `}}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly at: number; readonly tokens: readonly Token[] };

/** Cuts a template into text and actions; trims as `{{- ` and ` -}}` ask. */
export function lexTemplate(source: TemplateSource): Piece[] {
  const { text } = source;
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    const end = open === -1 ? text.length : open;
    const trimLeft = open !== -1 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
    let literal = text.slice(at, end);
    if (trimNext) literal = literal.trimStart();
    if (trimLeft) literal = literal.trimEnd();
    if (literal !== '') pieces.push({ kind: 'text', text: literal });
    if (open === -1) break;
    const start = open + (trimLeft ? 3 : 2);
    const action = isComment(text, start) ? skipComment(source, start) : lexAction(source, start);
    if (action.tokens !== undefined) pieces.push({ kind: 'action', at: start, tokens: action.tokens });
    trimNext = action.trims;
    at = action.end;
  }
  return pieces;
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens?: readonly Token[];
  readonly trims: boolean;
  readonly end: number;
}

function isComment(text: string, start: number): boolean {
  return (
    /^(?:[ \t\r\n]\/\*|\/\*)/.test(text.slice(start, start + 3)) &&
    (text[start] === '/' || text[start - 1] === '-')
  );
}

function skipComment(source: TemplateSource, start: number): Action {
  const close = source.text.indexOf('*/', start);
  if (close === -1) throw syntaxError(source, start, 'unclosed comment');
  const tail = /^(\s+-)?\}\}/.exec(source.text.slice(close + 2, close + 100));
  if (tail === null) throw syntaxError(source, close, 'comment ends before closing delimiter');
  return { trims: tail[1] !== undefined, end: close + 2 + tail[0].length };
}

const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\.)+'/y],
  ['number', /[+-]?(?:\d|\.\d)(?:[eEpP][+-](?=\d)|[\w.])*/y],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['dot', /\./y],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['mark', /:=|[=|(),]/y],
];

function lexAction(source: TemplateSource, start: number): Action {
  const { text } = source;
  const tokens: Token[] = [];
  let at = start;
  let spaced = true;
  for (;;) {
    const close = stickyMatch(/(\s+-)?\}\}/y, text, at);
    if (close !== undefined) return { tokens, trims: close.length > 2, end: at + close.length };
    const space = stickyMatch(/\s+/y, text, at);
    if (space !== undefined) {
      at += space.length;
      spaced = true;
      continue;
    }
    if (at >= text.length) throw syntaxError(source, start, 'unclosed action');
    const token = nextToken(text, at, spaced);
    if (token === undefined) throw badCharacter(source, at);
    tokens.push(token);
    at += token.text.length;
    spaced = false;
  }
}

function nextToken(text: string, at: number, spaced: boolean): Token | undefined {
  for (const [kind, pattern] of patterns) {
    const match = stickyMatch(pattern, text, at);
    if (match !== undefined) return { kind, text: match, at, spaced };
  }
  return undefined;
}

function badCharacter(source: TemplateSource, at: number): ReturnType<typeof syntaxError> {
  const char = String.fromCodePoint(source.text.codePointAt(at) ?? 0);
  if (char === '"') return syntaxError(source, at, 'unterminated quoted string');
  if (char === '`') return syntaxError(source, at, 'unterminated raw quoted string');
  if (char === "'") return syntaxError(source, at, 'unterminated character constant');
  return syntaxError(source, at, `unexpected ${quote(char)} in command`);
}

function stickyMatch(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
