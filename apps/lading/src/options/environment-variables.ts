// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { splitPair } from './key-value.ts';
import { readLineFile } from './line-file.ts';

/**
 * `--env-file`, then `--env`, a later one winning. A name without `=` takes the value from the caller's
 * environment and is left out when it has none there; `NAME*` takes all that begin so.
 */
export async function readEnvironmentFlags({
  flags,
  environment,
}: CommandCall): Promise<Record<string, string>> {
  const result = new Map<string, string>();
  for (const file of flags.strings('env-file')) {
    const doing = `parsing env file ${quote(file)}`;
    for (const line of await readLineFile(resolve(environment.cwd, file), doing)) {
      setVariable(result, line, environment.env);
    }
  }
  // Scripts give the empty text where they have nothing to set.
  for (const entry of flags.strings('env').filter(Boolean)) setVariable(result, entry, environment.env);
  return Object.fromEntries(result);
}

function setVariable(
  result: Map<string, string>,
  entry: string,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const [word, value] = splitPair(entry);
  const name = word.replace(/^[ \t]+/, '');
  if (name === '') throw usageError(`invalid environment variable: ${quote(entry)}`);
  if (value !== undefined) {
    result.set(name, value);
    return;
  }
  const names = name.endsWith('*')
    ? Object.keys(env).filter((key) => key.startsWith(name.slice(0, -1)))
    : [name];
  for (const key of names) {
    const own = env[key];
    if (own !== undefined) result.set(key, own);
  }
}
