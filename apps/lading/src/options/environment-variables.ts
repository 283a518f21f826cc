// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { splitPair } from './key-value.ts';

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
    const text = await readFile(resolve(environment.cwd, file), 'utf8');
    for (const line of text.split('\n')) {
      const entry = line.replace(/\r$/, '').trimStart();
      if (entry !== '' && !entry.startsWith('#')) setVariable(result, entry, environment.env);
    }
  }
  for (const entry of flags.strings('env')) setVariable(result, entry, environment.env);
  return Object.fromEntries(result);
}

function setVariable(
  result: Map<string, string>,
  entry: string,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const [name, value] = splitPair(entry);
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
