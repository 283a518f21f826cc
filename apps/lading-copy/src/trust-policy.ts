// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { loadPolicy, type Policy, parsePolicy } from '@lading/config';
import { Code, LadingError } from '@lading/errors';

/**
 * The trust policy that the flags and files name.
 *
 * @throws NotFound on a machine that has none, which trusts nothing, as in skopeo
 */
export async function trustPolicy({ flags, environment }: CommandCall): Promise<Policy> {
  const path = flags.string('policy');
  if (flags.boolean('insecure-policy')) {
    if (flags.boolean('require-signed')) {
      throw usageError('--insecure-policy and --require-signed contradict each other');
    }
    return parsePolicy('{"default":[{"type":"insecureAcceptAnything"}]}');
  }
  const { cwd, env } = environment;
  try {
    return await loadPolicy({ env, path: path === undefined ? undefined : resolve(cwd, path) });
  } catch (error) {
    const known = LadingError.from(error);
    if (known.code !== Code.NotFound) throw known;
    const message = `${known.message}; --insecure-policy accepts every image`;
    throw new LadingError(known.code, message, { reason: 'POLICY_MISSING', cause: known });
  }
}
