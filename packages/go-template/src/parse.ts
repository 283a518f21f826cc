// SPDX-License-Identifier: Apache-2.0

import type { Command, Node, Operand, Parsed, Pipe } from './ast.ts';
import { lexTemplate, type Piece, type Token } from './lex.ts';
import { parseNumber, unquote } from './literal.ts';
import { quote } from './quote.ts';
import { syntaxError, type TemplateSource } from './template-error.ts';

/** Deep enough for people; a template from elsewhere must not overflow the stack. */
const maxDepth = 100;

/** Reads a template. `functions` are the names that it may call. */
export function parse(source: TemplateSource, functions: ReadonlySet<string>): Parsed {
  return new Parser(source, functions).parseAll();
}

class Parser {
  readonly #source: TemplateSource;
  readonly #functions: ReadonlySet<string>;
  readonly #pieces: readonly Piece[];
  #piece = 0;
  #tokens: readonly Token[] = [];
  #token = 0;
  #depth = 0;
  #loops = 0;
  #names: string[] = ['$'];
  #templates = new Map<string, readonly Node[]>();

  constructor(source: TemplateSource, functions: ReadonlySet<string>) {
    this.#source = source;
    this.#functions = functions;
    this.#pieces = lexTemplate(source);
  }

  parseAll(): Parsed {
    const { nodes, end } = this.#list();
    if (end !== undefined) throw this.#error(end, `unexpected {{${end.text}}}`);
    return { nodes, templates: this.#templates };
  }

  #error(token: Token | undefined, problem: string): Error {
    return syntaxError(this.#source, token?.at ?? this.#source.text.length, problem);
  }

  /** Nodes up to `{{end}}` or `{{else}}`, which is returned, its tokens being the current ones. */
  #list(): { nodes: Node[]; end: Token | undefined } {
    const nodes: Node[] = [];
    for (let piece = this.#pieces[this.#piece++]; piece !== undefined; piece = this.#pieces[this.#piece++]) {
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      this.#tokens = piece.tokens;
      this.#token = 0;
      const first = this.#peek();
      if (first === undefined) throw syntaxError(this.#source, piece.at, 'missing value for command');
      if (first.kind === 'word' && (first.text === 'end' || first.text === 'else')) {
        this.#token++;
        return { nodes, end: first };
      }
      if (first.kind === 'word' && first.text === 'define' && this.#depth === 0) this.#define(first);
      else nodes.push(this.#action(first));
    }
    return { nodes, end: undefined };
  }

  #action(first: Token): Node {
    const word = first.kind === 'word' ? first.text : '';
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        this.#token++;
        return this.#block(word, first);
      case 'break':
      case 'continue':
        this.#token++;
        this.#finish(word);
        if (this.#loops === 0) throw this.#error(first, `{{${word}}} outside {{range}}`);
        return { kind: word, at: first.at };
      case 'template':
        this.#token++;
        return this.#template(first);
      case 'block':
        this.#token++;
        return this.#blockTemplate(first);
      case 'define':
        throw this.#error(first, 'unexpected {{define}}: it stands inside of another block');
      default: {
        const pipe = this.#pipe('command');
        this.#finish('command');
        return { kind: 'action', pipe, at: first.at };
      }
    }
  }

  #block(kind: 'if' | 'with' | 'range', first: Token): Node {
    if (++this.#depth > maxDepth) throw this.#error(first, 'blocks are nested too deeply');
    const mark = this.#names.length;
    const pipe = this.#pipe(kind);
    this.#finish(kind);
    if (kind === 'range') this.#loops++;
    const { nodes: body, end } = this.#list();
    if (kind === 'range') this.#loops--;
    const otherwise = end?.text === 'else' ? this.#otherwise(kind, end) : this.#close(end, []);
    this.#names.length = mark;
    this.#depth--;
    return { kind, pipe, body, otherwise, at: first.at };
  }

  /** `{{define "name"}} … {{end}}` */
  #define(first: Token): void {
    this.#token++;
    const name = this.#templateName('define clause');
    this.#finish('define clause');
    this.#body(first, name, 'define clause');
  }

  /** The nodes up to the end of a template of its own: it sees no variables from outside. */
  #body(first: Token, name: string, context: string): void {
    const { names, loops } = { names: this.#names, loops: this.#loops };
    if (++this.#depth > maxDepth) throw this.#error(first, 'blocks are nested too deeply');
    this.#names = ['$'];
    this.#loops = 0;
    const { nodes, end } = this.#list();
    if (end?.text === 'else') throw this.#error(end, `unexpected {{else}} in ${context}`);
    this.#close(end, []);
    this.#names = names;
    this.#loops = loops;
    this.#depth--;
    const isEmpty = (list: readonly Node[]): boolean =>
      list.every((node) => node.kind === 'text' && node.text.trim() === '');
    const before = this.#templates.get(name);
    if (before !== undefined && !isEmpty(before) && !isEmpty(nodes)) {
      throw this.#error(first, `multiple definition of template ${quote(name)}`);
    }
    if (before === undefined || !isEmpty(nodes)) this.#templates.set(name, nodes);
  }

  #templateName(context: string): string {
    const token = this.#peek();
    if (token?.kind !== 'string') {
      throw this.#error(
        token,
        `unexpected ${token === undefined ? '"}}"' : quote(token.text)} in ${context}`,
      );
    }
    this.#token++;
    return String(this.#constant(token));
  }

  #template(first: Token): Node {
    const name = this.#templateName('template clause');
    const pipe = this.#peek() === undefined ? undefined : this.#pipe('template clause');
    this.#finish('template clause');
    const named = this.#tokens[1];
    const text = `{{${this.#textFrom(first.at)}}}`;
    return { kind: 'template', name, pipe, text, at: named?.at ?? first.at };
  }

  /** A template that is defined where it is used. */
  #blockTemplate(first: Token): Node {
    const name = this.#templateName('block clause');
    const pipe = this.#pipe('block clause');
    this.#finish('block clause');
    const text = `{{${this.#textFrom(first.at)}}}`;
    this.#body(first, name, 'block clause');
    return { kind: 'template', name, pipe, text, at: first.at };
  }

  #otherwise(kind: 'if' | 'with' | 'range', end: Token): readonly Node[] {
    const next = this.#peek();
    // `{{else if}}` is a block of its own that shares this one's end.
    if (next?.kind === 'word' && next.text === kind && kind !== 'range') {
      this.#token++;
      return [this.#block(kind, next)];
    }
    this.#finish('else');
    const { nodes, end: close } = this.#list();
    if (close?.text === 'else') throw this.#error(end, 'expected end; found {{else}}');
    return this.#close(close, nodes);
  }

  #close(end: Token | undefined, nodes: readonly Node[]): readonly Node[] {
    if (end === undefined) throw this.#error(undefined, 'unexpected EOF');
    this.#finish('end');
    return nodes;
  }

  /** Names, then commands between `|`. Ends before `)` or at the end of the action. */
  #pipe(context: string): Pipe {
    const start = this.#peek();
    if (++this.#depth > maxDepth) throw this.#error(start, 'parentheses are nested too deeply');
    const { names, assigns } = this.#declaration(context);
    const commands: Command[] = [];
    do commands.push(this.#command(context, commands.length));
    while (this.#take('|') && !(this.#peek() === undefined && context === 'command'));
    this.#depth--;
    if (!assigns) this.#names.push(...names);
    const from = start?.at ?? 0;
    return { kind: 'pipe', names, assigns, commands, at: from, text: this.#textFrom(from) };
  }

  /** The template's text from an index to the end of the last token taken. */
  #textFrom(at: number): string {
    const last = this.#tokens[this.#token - 1];
    return this.#source.text.slice(at, last === undefined ? at : last.at + last.text.length);
  }

  #declaration(context: string): { names: string[]; assigns: boolean } {
    const [first, second, third, fourth] = this.#tokens.slice(this.#token, this.#token + 4);
    if (first?.kind !== 'variable') return { names: [], assigns: false };
    if (second?.text === ':=' || second?.text === '=') {
      this.#token += 2;
      if (second.text === '=') this.#known(first);
      return { names: [first.text], assigns: second.text === '=' };
    }
    if (
      second?.text === ',' &&
      third?.kind === 'variable' &&
      (fourth?.text === ':=' || fourth?.text === '=')
    ) {
      if (context !== 'range') throw this.#error(second, `too many declarations in ${context}`);
      this.#token += 4;
      const assigns = fourth.text === '=';
      if (assigns) for (const name of [first, third]) this.#known(name);
      return { names: [first.text, third.text], assigns };
    }
    return { names: [], assigns: false };
  }

  #command(context: string, stage: number): Command {
    const first = this.#peek();
    const operands: Operand[] = [];
    for (
      let token = first;
      token !== undefined && token.text !== '|' && token.text !== ')';
      token = this.#peek()
    ) {
      operands.push(this.#operand(token));
    }
    const [head] = operands;
    if (head === undefined) {
      if (first?.text === '|') throw this.#error(first, `unexpected "|" in ${context}`);
      throw this.#error(first, `missing value for ${context}`);
    }
    if (stage > 0 && (head.kind === 'constant' || head.kind === 'dot')) {
      throw this.#error(first, `non executable command in pipeline stage ${stage + 1}`);
    }
    if (head.kind === 'constant' && head.value === null) throw this.#error(first, 'nil is not a command');
    return { operands, at: head.at, text: this.#textFrom(head.at) };
  }

  #operand(token: Token): Operand {
    this.#token++;
    const { at } = token;
    switch (token.kind) {
      case 'dot':
        return { kind: 'dot', at };
      case 'field':
        return { kind: 'field', path: [token.text.slice(1), ...this.#path()], at };
      case 'variable':
        this.#known(token);
        return { kind: 'variable', name: token.text, path: this.#path(), at };
      case 'string':
      case 'char':
      case 'number':
        return { kind: 'constant', value: this.#constant(token), text: token.text, at };
      case 'word':
        return this.#word(token);
      case 'mark':
        return this.#parentheses(token);
    }
  }

  #word(token: Token): Operand {
    const { text, at } = token;
    if (text === 'true' || text === 'false') return { kind: 'constant', value: text === 'true', text, at };
    if (text === 'nil') return { kind: 'constant', value: null, text, at };
    if (!this.#functions.has(text)) throw this.#error(token, `function ${quote(text)} not defined`);
    return { kind: 'function', name: text, at };
  }

  #parentheses(token: Token): Operand {
    if (token.text !== '(') throw this.#error(token, `unexpected ${quote(token.text)} in operand`);
    const pipe = this.#pipe('parenthesized pipeline');
    if (!this.#take(')')) throw this.#error(token, 'unclosed left paren');
    return { kind: 'chain', pipe, path: this.#path(), at: token.at };
  }

  /** Fields that follow without a space. */
  #path(): string[] {
    const path: string[] = [];
    for (let next = this.#peek(); next?.kind === 'field' && !next.spaced; next = this.#peek()) {
      path.push(next.text.slice(1));
      this.#token++;
    }
    return path;
  }

  #constant(token: Token): string | number {
    if (token.kind === 'number') {
      const value = parseNumber(token.text);
      if (typeof value === 'string') throw this.#error(token, `${value}: ${quote(token.text)}`);
      return value;
    }
    const text = unquote(token.text);
    if (text === undefined) throw this.#error(token, 'invalid syntax');
    if (token.kind !== 'char') return text;
    if ([...text].length === 1) return text.codePointAt(0) ?? 0;
    throw this.#error(token, `malformed character constant: ${token.text}`);
  }

  #known(token: Token): void {
    if (!this.#names.includes(token.text)) {
      throw this.#error(token, `undefined variable ${quote(token.text)}`);
    }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#token];
  }

  #take(text: string): boolean {
    if (this.#peek()?.text !== text) return false;
    this.#token++;
    return true;
  }

  #finish(context: string): void {
    const next = this.#peek();
    if (next !== undefined) throw this.#error(next, `unexpected ${quote(next.text)} in ${context}`);
  }
}
