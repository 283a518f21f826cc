// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** The template that an error is about. */
export interface TemplateSource {
  readonly name: string;
  readonly text: string;
}

/** A template that cannot be read, in Go's words: `template: ps:1: unexpected …`. */
export function syntaxError(source: TemplateSource, at: number, problem: string): LadingError {
  const { line } = position(source.text, at);
  return failure(`template: ${source.name}:${line}: ${problem}`);
}

/** A template that does not fit its value: `template: ps:1:2: executing "ps" at <.Foo>: …`. */
export function executionError(
  source: TemplateSource,
  at: number,
  what: string,
  problem: string,
  running: string = source.name,
): LadingError {
  const { line, column } = position(source.text, at);
  const { name } = source;
  return failure(`template: ${name}:${line}:${column}: executing "${running}" at <${what}>: ${problem}`);
}

function failure(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, message, { reason: 'TEMPLATE' });
}

function position(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - (before.lastIndexOf('\n') + 1) };
}
