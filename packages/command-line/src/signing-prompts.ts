// SPDX-License-Identifier: Apache-2.0
import type { Environment } from './environment.ts';
import { createPrompter } from './prompter.ts';
import { singleLine } from './single-line.ts';
import { usageError } from './usage-error.ts';

/** What a program asks of a user who signs. */
export interface SigningPrompts {
  /** Asks at the terminal, where what is typed is not shown. @throws a usage error without a terminal */
  askPassphrase(keyFile: string): Promise<string>;
  /** Says on stderr where to log in. */
  onDevicePrompt(prompt: {
    readonly url: string;
    readonly completeUrl?: string | undefined;
    readonly userCode: string;
  }): void | Promise<void>;
}

/**
 * The words in which programs ask for passphrases and logins of those who sign images.
 *
 * @example
 * ```ts
 * import { type Environment, type SigningPrompts, signingPrompts } from '@lading/command-line';
 *
 * let said = '';
 * const environment: Environment = {
 *   stdin: (async function* () {})(),
 *   stdinIsTerminal: false,
 *   stdout: () => {},
 *   stderr: (text) => { said = String(text); },
 *   stdoutIsTerminal: false,
 *   stderrIsTerminal: false,
 *   env: {},
 *   cwd: '/',
 *   signal: new AbortController().signal,
 * };
 * const prompts: SigningPrompts = signingPrompts(environment);
 * await prompts.onDevicePrompt({ url: 'https://issuer.example', userCode: 'ABCD' });
 * console.log(said.trim()); // → To sign, open https://issuer.example in a browser and enter the code ABCD
 * ```
 */
export function signingPrompts(environment: Environment): SigningPrompts {
  return {
    async askPassphrase(keyFile) {
      if (!environment.stdinIsTerminal) {
        throw usageError(
          `cannot ask for the passphrase of ${keyFile}: stdin is no terminal; give a passphrase file`,
        );
      }
      return createPrompter(environment).hidden(`Passphrase for key ${keyFile}: `, 'the passphrase');
    },
    onDevicePrompt: ({ url, completeUrl, userCode }) =>
      environment.stderr(
        `To sign, open ${singleLine(completeUrl ?? url)} in a browser and enter the code ${singleLine(userCode)}\n`,
      ),
  };
}
