// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Command, Node, Operand, Parsed, Pipe } from './ast.ts';
import { builtins, type TemplateFunction } from './functions.ts';
import { plain } from './named-value.ts';
import { quote } from './quote.ts';
import { executionError, type TemplateSource } from './template-error.ts';
import { fieldOf, isInt, isTrue, printValue, sortedKeys, valueError } from './value.ts';

/** Loops in loops multiply: a short template must neither run for hours nor fill the memory. */
const maxSteps = 5_000_000;
const maxOutput = 64 * 1024 * 1024;
/** Templates that call themselves; deeper, the stack of JavaScript would overflow. */
const maxTemplateDepth = 300;

type Flow = 'next' | 'break' | 'continue';

/** Runs a parsed template on a value and returns the text. */
export function evaluate(
  source: TemplateSource,
  parsed: Parsed,
  value: unknown,
  functions: Readonly<Record<string, TemplateFunction>>,
): string {
  return new Evaluator(source, parsed, value, functions).run();
}

class Evaluator {
  readonly #source: TemplateSource;
  readonly #parsed: Parsed;
  readonly #root: unknown;
  readonly #functions: Readonly<Record<string, TemplateFunction>>;
  #variables: { readonly name: string; value: unknown }[];
  #templateDepth = 0;
  #running: string | undefined;
  #out: string[] = [];
  #size = 0;
  #steps = 0;

  constructor(
    source: TemplateSource,
    parsed: Parsed,
    root: unknown,
    functions: Readonly<Record<string, TemplateFunction>>,
  ) {
    this.#source = source;
    this.#parsed = parsed;
    this.#root = root;
    this.#functions = functions;
    this.#variables = [{ name: '$', value: root }];
  }

  run(): string {
    this.#list(this.#parsed.nodes, this.#root);
    return this.#out.join('');
  }

  #write(text: string): void {
    this.#size += text.length;
    if (this.#size > maxOutput) throw tooMuch();
    this.#out.push(text);
  }

  #list(nodes: readonly Node[], dot: unknown): Flow {
    const mark = this.#variables.length;
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow !== 'next') {
        this.#variables.length = mark;
        return flow;
      }
    }
    this.#variables.length = mark;
    return 'next';
  }

  #node(node: Node, dot: unknown): Flow {
    if (++this.#steps > maxSteps) throw tooMuch();
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'next';
      case 'break':
      case 'continue':
        return node.kind;
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.names.length === 0) this.#print(node.pipe, value);
        return 'next';
      }
      case 'template':
        this.#template(node, dot);
        return 'next';
      case 'range': {
        const mark = this.#variables.length;
        const flow = this.#range(node, dot);
        this.#variables.length = mark;
        return flow;
      }
      case 'if':
      case 'with': {
        const mark = this.#variables.length;
        const value = this.#pipe(node.pipe, dot);
        const flow = isTrue(value)
          ? this.#list(node.body, node.kind === 'with' ? value : dot)
          : this.#list(node.otherwise, dot);
        this.#variables.length = mark;
        return flow;
      }
    }
  }

  #template({ name, pipe, text, at }: Extract<Node, { kind: 'template' }>, dot: unknown): void {
    const nodes =
      this.#parsed.templates.get(name) ?? (name === this.#source.name ? this.#parsed.nodes : undefined);
    if (nodes === undefined) throw this.#error(at, text, `template ${quote(name)} not defined`);
    if (this.#templateDepth >= maxTemplateDepth) {
      throw this.#error(at, text, `exceeded maximum template depth (${maxTemplateDepth})`);
    }
    const value = pipe === undefined ? undefined : this.#pipe(pipe, dot);
    const [variables, running] = [this.#variables, this.#running];
    this.#variables = [{ name: '$', value }];
    this.#running = name;
    this.#templateDepth++;
    this.#list(nodes, value);
    this.#templateDepth--;
    this.#running = running;
    this.#variables = variables;
  }

  #print(pipe: Pipe, value: unknown): void {
    this.#write(
      value === undefined ? '<no value>' : this.#guard(pipe.at, pipe.text, () => printValue(value)),
    );
  }

  #range(node: Extract<Node, { kind: 'range' | 'if' | 'with' }>, dot: unknown): Flow {
    const { pipe, body, otherwise } = node;
    const value = this.#pipe({ ...pipe, names: [] }, dot);
    const pairs = this.#guard(pipe.at, pipe.text, () => pairsOf(value));
    let empty = true;
    for (const [key, item] of pairs) {
      empty = false;
      const mark = this.#variables.length;
      const [first, second] = pipe.names;
      if (second !== undefined && first !== undefined) {
        this.#bind(first, key, pipe.assigns);
        this.#bind(second, item, pipe.assigns);
      } else if (first !== undefined) this.#bind(first, item, pipe.assigns);
      const flow = this.#list(body, item);
      this.#variables.length = mark;
      if (flow === 'break') break;
    }
    return empty ? this.#list(otherwise, dot) : 'next';
  }

  #bind(name: string, value: unknown, assigns: boolean): void {
    if (!assigns) {
      this.#variables.push({ name, value });
      return;
    }
    const variable = this.#variables.findLast((entry) => entry.name === name);
    if (variable !== undefined) variable.value = value;
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    let value: readonly unknown[] = [];
    for (const command of pipe.commands) value = [this.#command(command, dot, value)];
    for (const name of pipe.names) this.#bind(name, value[0], pipe.assigns);
    return value[0];
  }

  /** `final` is the value of the command before, which becomes the last argument. */
  #command(command: Command, dot: unknown, final: readonly unknown[]): unknown {
    if (++this.#steps > maxSteps) throw tooMuch();
    const [head, ...others] = command.operands;
    if (head === undefined) return undefined;
    if (head.kind === 'function') return this.#call(head, others, dot, final, command.text);
    const value = this.#operand(head, dot, () => [
      ...others.map((other) => this.#operand(other, dot)),
      ...final,
    ]);
    const called = 'path' in head && head.path.length > 0;
    if (!called && (others.length > 0 || final.length > 0)) {
      throw this.#error(head.at, show(head), `can't give argument to non-function ${show(head)}`);
    }
    return value;
  }

  #operand(operand: Operand, dot: unknown, args?: () => readonly unknown[]): unknown {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'constant':
        return operand.value;
      case 'field':
        return this.#path(operand, dot, args);
      case 'variable': {
        const found = this.#variables.findLast(({ name }) => name === operand.name);
        return this.#path(operand, found?.value, args);
      }
      case 'chain':
        return this.#path(operand, this.#pipe(operand.pipe, dot), args);
      case 'function':
        return this.#call(operand, [], dot, []);
    }
  }

  /** Follows `.A.B`; a field that is a function is called, the last one with the command's arguments. */
  #path(
    operand: Extract<Operand, { path: readonly string[] }>,
    start: unknown,
    args: (() => readonly unknown[]) | undefined,
  ): unknown {
    let value = start;
    const what = show(operand);
    for (const [index, name] of operand.path.entries()) {
      const field = this.#guard(operand.at, what, () => fieldOf(value, name));
      const given = index === operand.path.length - 1 ? (args?.() ?? []) : [];
      if (typeof field === 'function') {
        if (given.length < field.length) {
          const counts = `want ${field.length} got ${given.length}`;
          throw this.#error(operand.at, what, `wrong number of args for ${name}: ${counts}`);
        }
        value = this.#called(
          operand.at,
          what,
          name,
          () => Reflect.apply(field, undefined, given.map(plain)) as unknown,
        );
      } else if (given.length > 0) {
        throw this.#error(operand.at, what, `${name} is not a method but has arguments`);
      } else value = field;
    }
    return value;
  }

  #call(
    head: Extract<Operand, { kind: 'function' }>,
    others: readonly Operand[],
    dot: unknown,
    final: readonly unknown[],
    what: string = head.name,
  ): unknown {
    const { name, at } = head;
    if (name === 'and' || name === 'or') return this.#shortCircuit(head, others, dot, final);
    const args = [...others.map((other) => this.#operand(other, dot)), ...final];
    const own = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    if (own !== undefined) return this.#called(at, what, name, () => own(...args.map(plain)));
    const builtin = builtins.get(name);
    if (builtin === undefined) throw this.#error(at, name, `function "${name}" not defined`);
    if (args.length < builtin.min || args.length > builtin.max) {
      const want = builtin.max === Number.POSITIVE_INFINITY ? `at least ${builtin.min}` : `${builtin.min}`;
      throw this.#error(at, name, `wrong number of args for ${name}: want ${want} got ${args.length}`);
    }
    return this.#guard(at, what, () => builtin.call(...args));
  }

  #shortCircuit(
    { name, at }: Extract<Operand, { kind: 'function' }>,
    others: readonly Operand[],
    dot: unknown,
    final: readonly unknown[],
  ): unknown {
    if (others.length + final.length === 0) {
      throw this.#error(at, name, `wrong number of args for ${name}: want at least 1 got 0`);
    }
    const stop = name === 'or';
    let value: unknown;
    for (const other of others) {
      value = this.#operand(other, dot);
      if (isTrue(value) === stop) return value;
    }
    return final.length > 0 ? final[0] : value;
  }

  #error(at: number, what: string, problem: string): LadingError {
    return executionError(this.#source, at, what, problem, this.#running);
  }

  /** Calls what a user of this package gave; whatever it throws is an error of the template. */
  #called(at: number, what: string, name: string, action: () => unknown): unknown {
    try {
      return action();
    } catch (reason) {
      const { code, message } = LadingError.from(reason);
      if (code === Code.ResourceExhausted) throw reason;
      throw this.#error(at, what, `error calling ${name}: ${message}`);
    }
  }

  /** Gives a problem with a value its place in the template. */
  #guard<T>(at: number, what: string, action: () => T): T {
    try {
      return action();
    } catch (reason) {
      const error = LadingError.from(reason);
      if (error.reason !== 'TEMPLATE_VALUE') throw reason;
      throw this.#error(at, what, error.message);
    }
  }
}

function pairsOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.entries();
  if (value instanceof Map) return sortedKeys(value).map((key) => [key, value.get(key) as unknown] as const);
  if (typeof value === 'number' && isInt(value)) return counted(value);
  throw valueError(`range can't iterate over ${printValue(value)}`);
}

/** `range 3`: 0, 1, 2. */
function* counted(count: number): Generator<readonly [unknown, unknown]> {
  for (let i = 0; i < count; i++) yield [i, i];
}

function show(operand: Operand): string {
  switch (operand.kind) {
    case 'dot':
      return '.';
    case 'constant':
      return operand.text;
    case 'function':
      return operand.name;
    case 'field':
      return `.${operand.path.join('.')}`;
    case 'variable':
      return [operand.name, ...operand.path].join('.');
    case 'chain':
      return [`(${operand.pipe.text})`, ...operand.path].join('.');
  }
}

function tooMuch(): LadingError {
  return new LadingError(Code.ResourceExhausted, 'the template runs for too long or prints too much', {
    reason: 'TEMPLATE',
  });
}
