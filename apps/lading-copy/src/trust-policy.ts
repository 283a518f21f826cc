// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { loadPolicy, type Policy, parsePolicy } from '@lading/config';
import { Code, LadingError } from '@lading/errors';

/** The trust policy that the flags and files name; undefined on a machine that has none. */
export async function trustPolicy({ flags, environment }: CommandCall): Promise<Policy | undefined> {
  const path = flags.string('policy');
  const requireSigned = flags.boolean('require-signed');
  if (flags.boolean('insecure-policy')) {
    if (requireSigned) throw usageError('--insecure-policy and --require-signed contradict each other');
    return parsePolicy('{"default":[{"type":"insecureAcceptAnything"}]}');
  }
  const { cwd, env } = environment;
  try {
    return await loadPolicy({ env, path: path === undefined ? undefined : resolve(cwd, path) });
  } catch (error) {
    const isMissing = LadingError.from(error).code === Code.NotFound;
    if (isMissing && path === undefined && !requireSigned) return undefined;
    throw error;
  }
}
