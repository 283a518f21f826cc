// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, ProgramSpec } from '../spec.ts';
import { usageError } from '../usage-error.ts';
import { shells } from './shells.ts';

/** The program with the command `completion`, unless it has one of its own. */
export function withCompletion(program: ProgramSpec): ProgramSpec {
  if (program.commands.some(({ name }) => name === 'completion')) return program;
  return { ...program, commands: [...program.commands, completionCommand(program.name)] };
}

function completionCommand(program: string): CommandSpec {
  const list = shells.join('|');
  return {
    name: 'completion',
    summary: 'Print the script that completes command lines in a shell',
    description: `Print the script with which the shell completes commands, flags and what they take. Read it where the shell
starts, ~/.bashrc for one.`,
    usage: `completion ${list}`,
    args: { min: 1, max: 1, tooFew: `name a shell: ${program} completion ${list}` },
    examples: [
      `source <(${program} completion bash)`,
      `source <(${program} completion zsh)`,
      `${program} completion fish | source`,
    ],
    load: async () => ({
      async run({ args: [word], environment }) {
        const shell = shells.find((known) => known === word);
        if (shell === undefined) throw usageError(`name a shell: ${program} completion ${list}`);
        const { completionScript } = await import('./scripts.ts');
        await environment.stdout(completionScript(program, shell));
        return 0;
      },
    }),
    complete: async () => ({
      complete: async ({ args }, word) => ({
        candidates: shells
          .filter((shell) => args.length === 0 && shell.startsWith(word))
          .map((value) => ({ value })),
      }),
    }),
  };
}
