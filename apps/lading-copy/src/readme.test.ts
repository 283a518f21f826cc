// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { FlagSpec } from '@lading/command-line';
import { describe, expect, it } from 'vitest';
import { program } from './program.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const { commands, globalFlags = [] } = program();
const visible = <T extends { readonly hidden?: boolean }>(all: readonly T[] = []): readonly T[] =>
  all.filter(({ hidden }) => hidden !== true);

/** `--src-creds` and `--dest-creds` are told of as `--creds`. */
const told = ({ name }: FlagSpec): boolean =>
  [name, name.replace(/^(src|dest)-/, '')].some((one) => new RegExp(`--${one}\\b`).test(readme));

describe('the README', () => {
  it.each(visible(commands).map(({ name }) => name))('has the command %s', (name) => {
    expect(readme).toMatch(new RegExp(`^\\|.*\`${name}\\b.*\\|`, 'm'));
  });

  it('has all flags of the program and of copy', () => {
    const copy = commands.find(({ name }) => name === 'copy');
    const missing = visible([...globalFlags, ...(copy?.flags ?? [])]).filter((flag) => !told(flag));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
