// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Environment } from './environment.ts';
import { selectOne } from './select-one.ts';
import { usageError } from './usage-error.ts';

/** Asks on stdout, and reads answers from stdin. One for all questions of a command: stdin is read once. */
export interface Prompter {
  /** A line of stdin; undefined at its end. */
  line(question: string): Promise<string | undefined>;
  /**
   * What is typed at a terminal, which does not show it.
   *
   * @param what the words for it in errors
   * @throws a usage error without a terminal
   */
  hidden(question: string, what: string): Promise<string>;
  /**
   * One of several, picked with the arrow keys of a terminal.
   *
   * @throws a usage error without a terminal, Canceled when none is picked
   */
  choose(question: string, choices: readonly string[]): Promise<string>;
}

const maxCharacters = 4096;

/**
 * A prompter for one command.
 *
 * @example
 * ```ts
 * import { createPrompter, type Environment, type Prompter } from '@lading/command-line';
 *
 * const environment: Environment = {
 *   stdin: (async function* () { yield new TextEncoder().encode('me\n'); })(),
 *   stdinIsTerminal: false,
 *   stdout: () => {},
 *   stderr: () => {},
 *   stdoutIsTerminal: false,
 *   stderrIsTerminal: false,
 *   env: {},
 *   cwd: '/',
 *   signal: new AbortController().signal,
 * };
 * const prompter: Prompter = createPrompter(environment);
 * console.log(await prompter.line('Username: ')); // → me
 * ```
 */
export function createPrompter(environment: Environment): Prompter {
  const { terminal, stdinIsTerminal, stdout } = environment;
  let reading: AsyncIterator<Uint8Array> | undefined;
  let waiting: string[] = [];
  const decoder = new TextDecoder();

  /** The next character; undefined at the end of stdin. */
  async function next(): Promise<string | undefined> {
    while (waiting.length === 0) {
      reading ??= environment.stdin[Symbol.asyncIterator]();
      const { done, value } = await reading.next();
      if (done === true) return undefined;
      waiting = [...decoder.decode(value, { stream: true })];
    }
    return waiting.shift();
  }

  return {
    async line(question) {
      await stdout(question);
      let text = '';
      for (;;) {
        const char = await next();
        if (char === undefined) return undefined;
        if (char === '\n') return text.replace(/\r$/, '');
        text += char;
        if (text.length > maxCharacters)
          throw usageError(`a line of stdin is longer than ${maxCharacters} characters`);
      }
    },
    async hidden(question, what) {
      await stdout(question);
      if (!stdinIsTerminal || terminal === undefined) {
        throw usageError(`cannot ask for ${what}: stdin is no terminal`);
      }
      terminal.setRawMode(true);
      try {
        return await typed(next, what);
      } finally {
        terminal.setRawMode(false);
        await stdout('\n');
      }
    },
    choose: (question, choices) => selectOne(environment, next, question, choices),
  };
}

/** A raw terminal gives every key: what a shell would do with them is done here. */
async function typed(next: () => Promise<string | undefined>, what: string): Promise<string> {
  let text: string[] = [];
  for (;;) {
    const char = await next();
    if (char === undefined || char === '\r' || char === '\n' || char === '\x04') return text.join('');
    if (char === '\x03') throw new LadingError(Code.Canceled, `interrupted while asking for ${what}`);
    if (char === '\x7f' || char === '\b') text.pop();
    else if (char === '\x15') text = [];
    else text.push(char);
    if (text.length > maxCharacters) throw usageError(`${what} is longer than ${maxCharacters} characters`);
  }
}
