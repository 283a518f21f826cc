// SPDX-License-Identifier: Apache-2.0
import { withCompletion } from './completion/with-completion.ts';
import { flagPlaceholder } from './help.ts';
import type { CommandSpec, FlagSpec, ProgramSpec } from './spec.ts';
import { visibleByName } from './visible.ts';

/** A page of the manual in roff. */
export interface ManPage {
  /** As `man` looks for it: `lading-copy-inspect.1`. */
  readonly file: string;
  readonly text: string;
}

/** The manual of a program, made from its command data: a page for it and one for each command. */
export function manPages(own: ProgramSpec): readonly ManPage[] {
  const program = withCompletion(own);
  return [programPage(program), ...commandPages(program, program.commands, [program.name])];
}

function commandPages(
  program: ProgramSpec,
  commands: readonly CommandSpec[],
  path: readonly string[],
): readonly ManPage[] {
  return commands
    .filter(({ hidden }) => hidden !== true)
    .flatMap((command) => {
      const names = [...path, command.name];
      return [
        commandPage(program, command, names),
        ...commandPages(program, command.subcommands ?? [], names),
      ];
    });
}

function programPage(program: ProgramSpec): ManPage {
  const { name, summary, version } = program;
  return page(name, version, summary, [
    ['SYNOPSIS', `\\fB${roff(name)}\\fR [options] command`],
    ['COMMANDS', commandEntries(program.commands, [name])],
    ['OPTIONS', flagEntries(program.globalFlags ?? [])],
  ]);
}

function commandPage(program: ProgramSpec, command: CommandSpec, path: readonly string[]): ManPage {
  const parents = path.slice(0, -1).join(' ');
  const examples = (command.examples ?? []).map((line) => `.nf\n${roff(line)}\n.fi`).join('\n.PP\n');
  return page(path.join('-'), program.version, command.summary, [
    ['SYNOPSIS', `\\fB${roff(parents)}\\fR ${roff(command.usage)}`],
    ['DESCRIPTION', paragraphs(command.description ?? command.summary)],
    ['COMMANDS', commandEntries(command.subcommands ?? [], path)],
    ['OPTIONS', flagEntries(command.flags ?? [])],
    ['EXAMPLES', examples],
    ['SEE ALSO', `\\fB${roff(path.slice(0, -1).join('-'))}\\fR(1)`],
  ]);
}

function page(
  title: string,
  version: string,
  summary: string,
  sections: readonly (readonly [name: string, body: string])[],
): ManPage {
  const filled = sections.filter(([, body]) => body !== '');
  const head = `.TH "${roff(title.toUpperCase())}" "1" "" "${roff(version)}" "User Commands"`;
  const text = [
    head,
    '.SH NAME',
    `${roff(title)} \\- ${roff(summary)}`,
    ...filled.flatMap(([name, body]) => [`.SH ${name}`, body]),
  ].join('\n');
  return { file: `${title}.1`, text: `${text}\n` };
}

function commandEntries(commands: readonly CommandSpec[], path: readonly string[]): string {
  return visibleByName(commands)
    .map(({ name, summary }) => `.TP\n\\fB${roff([...path, name].join('-'))}\\fR(1)\n${roff(summary)}`)
    .join('\n');
}

function flagEntries(flags: readonly FlagSpec[]): string {
  return visibleByName(flags)
    .map((flag) => {
      const short = flag.short === undefined ? '' : `\\fB\\-${flag.short}\\fR, `;
      const word = flagPlaceholder(flag);
      const value = word === '' ? '' : ` \\fI${roff(word)}\\fR`;
      return `.TP\n${short}\\fB\\-\\-${roff(flag.name)}\\fR${value}\n${roff(flag.help)}`;
    })
    .join('\n');
}

function paragraphs(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((part) => roff(part))
    .join('\n.PP\n');
}

/** Text that roff prints as it is: no command at the start of a line, no escape, hyphens that can be copied. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&');
}
