// SPDX-License-Identifier: Apache-2.0
import { evaluate } from './evaluate.ts';
import { builtins, type TemplateFunction } from './functions.ts';
import { parse } from './parse.ts';

/** Settings of {@link parseTemplate}. */
export interface TemplateOptions {
  /** The name in errors. Default `template`. */
  readonly name?: string;
  /** More functions for the template, by name. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
}

/** A template that was read once and runs often. */
export interface Template {
  /** The text for a value. Throws `invalid_argument` (reason `TEMPLATE`) when the template does not fit it. */
  render(value: unknown): string;
}

/**
 * Reads a Go text/template: fields, methods, pipelines, variables, `if`, `with`, `range`, `define`, `template`,
 * `block`, trim marks, comments, and the functions of Go and podman. An object literal is a Go struct (a missing
 * field is an error), a Map is a Go map (a missing key prints `<no value>`), a function among the fields is a
 * method.
 *
 * @throws LadingError `invalid_argument`, reason `TEMPLATE`
 * @example
 * ```ts
 * import { parseTemplate } from '@lading/go-template';
 *
 * const line = parseTemplate('{{.ID}} {{join .Names ","}}');
 * console.log(line.render({ ID: '4f2a', Names: ['web'] })); // → 4f2a web
 * ```
 */
export function parseTemplate(text: string, options: TemplateOptions = {}): Template {
  const { name = 'template', functions = {} } = options;
  const source = { name, text };
  const names = new Set([...builtins.keys(), 'and', 'or', ...Object.keys(functions)]);
  const parsed = parse(source, names);
  return { render: (value) => evaluate(source, parsed, value, functions) };
}

/** Reads a template and runs it once. */
export function renderTemplate(text: string, value: unknown, options?: TemplateOptions): string {
  return parseTemplate(text, options).render(value);
}
