// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { readText } from './files.ts';
import type { Policy, PolicyRequirement } from './policy.ts';
import { readRequirement } from './policy-requirement.ts';
import { scopeFault } from './policy-scope.ts';
import { strictFields } from './strict-fields.ts';
import { parseStrictJson, type StrictJson } from './strict-json.ts';
import { shown } from './text.ts';

/** Options of {@link loadPolicy}. */
export interface LoadPolicyOptions {
  /** Default: `~/.config/containers/policy.json` if it is there, else `/etc/containers/policy.json`. */
  readonly path?: string | undefined;
  /** Default: `process.env`; only `HOME` is read. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads the signature policy. There is no policy to fall back on: a machine without one trusts nothing.
 *
 * @throws NotFound without a file; InvalidArgument naming file and place for what is not understood in full
 */
export async function loadPolicy(options: LoadPolicyOptions = {}): Promise<Policy> {
  const { path, env = process.env, signal } = options;
  const user = join(env.HOME || homedir(), '.config/containers/policy.json');
  const candidates = path === undefined ? [user, '/etc/containers/policy.json'] : [path];
  for (const candidate of candidates) {
    const text = await readText(candidate, signal);
    if (text !== undefined) return parsePolicy(text, candidate);
  }
  throw new LadingError(
    Code.NotFound,
    `there is no signature policy at ${candidates.join(' or ')}: write one, or name one`,
    { reason: 'ENOENT' },
  );
}

/**
 * Reads the text of a `policy.json`. A key that is unknown or given twice, a requirement without keys, a scope that
 * can match nothing: all are errors, for a slip in such a file opens a door.
 *
 * @param file what messages call the text
 * @throws InvalidArgument (`POLICY_INVALID` or `JSON_INVALID`) naming file and place
 */
export function parsePolicy(text: string, file: string = 'policy.json'): Policy {
  const value = parseStrictJson(text, file);
  const fields = strictFields(value, file, ['default', 'transports']);
  const members = value instanceof Map ? value : new Map<string, StrictJson>();
  const fallback: StrictJson | undefined = members.get('default');
  if (fallback === undefined) throw fields.fault('default is missing');
  const transports = new Map<string, ReadonlyMap<string, readonly PolicyRequirement[]>>();
  const given: StrictJson | undefined = members.get('transports');
  for (const [transport, scopes] of given === undefined ? [] : entries(given, `${file}: transports`)) {
    const where = `${file}: transports[${shown(transport)}]`;
    const table = new Map<string, readonly PolicyRequirement[]>();
    for (const [scope, list] of entries(scopes, where)) {
      const place = `${where}[${shown(scope)}]`;
      const wrong = scopeFault(transport, scope);
      if (wrong !== undefined) throw strictFields(new Map(), place, []).fault(wrong);
      table.set(scope, requirements(list, place));
    }
    transports.set(transport, table);
  }
  return { default: requirements(fallback, `${file}: default`), transports };
}

function entries(value: StrictJson, where: string): Iterable<[string, StrictJson]> {
  if (value instanceof Map) return value;
  throw strictFields(new Map(), where, []).fault('expected an object');
}

function requirements(value: StrictJson, where: string): readonly PolicyRequirement[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw strictFields(new Map(), where, []).fault('expected a list with at least one requirement');
  }
  return value.map((item: StrictJson, i) => readRequirement(item, `${where}[${i}]`));
}
