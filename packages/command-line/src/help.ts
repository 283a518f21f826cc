// SPDX-License-Identifier: Apache-2.0
import { withCompletion } from './completion/with-completion.ts';
import type { CommandSpec, FlagKind, FlagSpec, ProgramSpec } from './spec.ts';
import { visibleByName } from './visible.ts';

/** What `PROGRAM --help` prints. */
export function programHelp(program: ProgramSpec): string {
  const flags: FlagSpec[] = [
    ...(program.globalFlags ?? []),
    { name: 'help', kind: 'boolean', help: `Help for ${program.name}` },
    { name: 'version', short: 'v', kind: 'boolean', help: `Version of ${program.name}` },
  ];
  return sections([
    ['', program.summary],
    ['Usage:', `  ${program.name} [options] [command]`],
    ['Available Commands:', commandList([...withCompletion(program).commands, helpCommand])],
    ['Options:', flagList(flags)],
  ]);
}

/** What `PROGRAM … COMMAND --help` prints. `path` ends with the command's own name. */
export function commandHelp(path: readonly string[], command: CommandSpec): string {
  const parents = path.slice(0, -1).join(' ');
  const names = [command.name, ...(command.aliases ?? [])];
  return sections([
    ['', command.summary],
    ['Description:', indent(command.description ?? command.summary)],
    ['Usage:', `  ${parents} ${command.usage}`],
    ['Aliases:', names.length > 1 ? `  ${names.join(', ')}` : ''],
    ['Examples:', (command.examples ?? []).map((line) => `  ${line}`).join('\n')],
    ['Available Commands:', commandList(command.subcommands ?? [])],
    ['Options:', flagList(command.flags ?? [])],
  ]);
}

const helpCommand: CommandSpec = {
  name: 'help',
  summary: 'Help about any command',
  usage: 'help [command]',
};

function sections(parts: readonly (readonly [string, string])[]): string {
  const filled = parts.filter(([, body]) => body !== '');
  return `${filled.map(([title, body]) => (title === '' ? body : `${title}\n${body}`)).join('\n\n')}\n`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}

function commandList(commands: readonly CommandSpec[]): string {
  const visible = visibleByName(commands);
  const width = Math.max(11, ...visible.map(({ name }) => name.length));
  return visible.map(({ name, summary }) => `  ${name.padEnd(width)} ${summary}`).join('\n');
}

const placeholders: Readonly<Record<FlagKind, string>> = {
  boolean: '',
  count: 'count',
  string: 'string',
  strings: 'stringArray',
  stringSlice: 'strings',
  int: 'int',
  uint: 'uint',
  float: 'float',
  duration: 'duration',
};

/** The word that stands for a flag's value; empty for one without. */
export function flagPlaceholder({ placeholder, kind }: FlagSpec): string {
  return placeholder ?? placeholders[kind];
}

function flagList(flags: readonly FlagSpec[]): string {
  const rows = visibleByName(flags).map((flag) => {
    const word = flagPlaceholder(flag);
    const optional = flag.optionalValue === undefined ? '' : `[=${flag.optionalValue}]`;
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    return { left: `  ${short}--${flag.name}${word === '' ? '' : ` ${word}`}${optional}`, flag };
  });
  const width = Math.max(0, ...rows.map(({ left }) => left.length)) + 3;
  return rows
    .map(({ left, flag }) => {
      const text = `${flag.help}${defaultText(flag)}`.replaceAll('\n', `\n${' '.repeat(width)}`);
      return `${left.padEnd(width)}${text}`;
    })
    .join('\n');
}

function defaultText({ kind, default: value }: FlagSpec): string {
  if (value === undefined || value === '' || value === false || value === 0) return '';
  if (Array.isArray(value)) return value.length === 0 ? '' : ` (default [${value.join(',')}])`;
  return ` (default ${kind === 'string' ? `"${value}"` : String(value)})`;
}
