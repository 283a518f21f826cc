// SPDX-License-Identifier: Apache-2.0
import type { TemplateFunction } from './functions.ts';

/** A value that has methods: it prints, compares and counts as the value that it holds. */
export class NamedValue {
  readonly value: string;
  readonly methods: Readonly<Record<string, TemplateFunction>>;

  constructor(value: string, methods: Readonly<Record<string, TemplateFunction>>) {
    this.value = value;
    this.methods = methods;
  }

  toJSON(): string {
    return this.value;
  }
}

/**
 * A text with methods, such as a digest: `{{.Digest}}` prints it, `{{.Digest.Hex}}` calls a method.
 *
 * @example
 * ```ts
 * import { renderTemplate, withMethods } from '@lading/go-template';
 *
 * const digest = withMethods('sha256:4f2a', { Hex: () => '4f2a' });
 * console.log(renderTemplate('{{.}} {{.Hex}}', digest)); // → sha256:4f2a 4f2a
 * ```
 */
export function withMethods(value: string, methods: Readonly<Record<string, TemplateFunction>>): NamedValue {
  return new NamedValue(value, methods);
}

/** The value itself, without methods. */
export function plain(value: unknown): unknown {
  return value instanceof NamedValue ? value.value : value;
}
