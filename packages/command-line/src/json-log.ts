// SPDX-License-Identifier: Apache-2.0
import type { Environment } from './environment.ts';

/**
 * The environment whose stderr has an object a line: `{"time":…,"level":…,"msg":…}`, with the level `warning` for lines that
 * begin with `Warning: `, `error` for `Error: `, else `info`. Lines that are objects already stay as they are.
 */
export function withJsonLog(environment: Environment, now: () => Date = () => new Date()): Environment {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    ...environment,
    get stdin() {
      return environment.stdin;
    },
    get stdinIsTerminal() {
      return environment.stdinIsTerminal;
    },
    stderr(data) {
      const text = rest + (typeof data === 'string' ? data : decoder.decode(data, { stream: true }));
      const lines = text.split('\n');
      rest = lines.pop() ?? '';
      const objects = lines.filter((line) => line.trim() !== '').map((line) => toObject(line, now()));
      return objects.length === 0
        ? undefined
        : environment.stderr(objects.map((line) => `${line}\n`).join(''));
    },
    stderrIsTerminal: false,
  };
}

function toObject(line: string, time: Date): string {
  if (/^\{.*\}$/.test(line)) return line;
  const [, word, message = line] = /^(Warning|Error): (.*)$/.exec(line) ?? [];
  const level = word === undefined ? 'info' : word.toLowerCase();
  return JSON.stringify({ time: time.toISOString(), level, msg: message });
}
