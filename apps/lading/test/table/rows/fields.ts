// SPDX-License-Identifier: Apache-2.0
import type { Differs, Row } from '../row.ts';

export interface FieldOptions {
  /** Words behind the template. */
  readonly of?: string;
  readonly ignore?: RegExp;
  /** By the name of the field. */
  readonly differs?: Readonly<Record<string, Differs>>;
}

/** A row for each field that `--format` of a command has. */
export function fieldRows(
  command: string,
  fields: readonly string[],
  { of = '', ignore, differs = {} }: FieldOptions = {},
): readonly Row[] {
  return fields.map((field) => ({
    name: `${command} --format {{.${field}}} ${of}`.trim(),
    lines: [[...command.split(' '), '--format', `{{.${field}}}`, ...of.split(' ').filter(Boolean)]],
    ignore,
    differs: differs[field],
  }));
}

/** A row for each `KEY=VALUE` that `--filter` of a command takes. */
export function filterRows(
  command: string,
  filters: readonly string[],
  differs: Readonly<Record<string, Differs>> = {},
): readonly Row[] {
  return filters.map((filter) => ({
    name: `${command} --filter ${filter}`,
    lines: [[...command.split(' '), ...filter.split(' ').flatMap((one) => ['--filter', one])]],
    differs: differs[filter],
  }));
}
