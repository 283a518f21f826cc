// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { parsePolicy } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { textOf } from '../options/shared-flags.ts';

/** The text of a trust policy, and where it is. */
export interface PolicyFile {
  readonly path: string;
  /** Undefined where there is none. */
  readonly text: string | undefined;
}

/** The policy that is named, or the user's, or that of the machine: as a pull finds it. */
export async function readPolicyFile(call: CommandCall): Promise<PolicyFile> {
  const { cwd, env } = call.environment;
  const named = textOf(call, 'policypath');
  const system = '/etc/containers/policy.json';
  if (named !== undefined) {
    const path = resolve(cwd, named);
    return { path, text: await readIfThere(path) };
  }
  const user = join(env.HOME || homedir(), '.config/containers/policy.json');
  const text = await readIfThere(user);
  return text === undefined ? { path: system, text: await readIfThere(system) } : { path: user, text };
}

/** Puts a policy in the place of another, once it is certain that programs will understand it. */
export async function writePolicyFile(path: string, policy: object): Promise<void> {
  const text = JSON.stringify(policy, undefined, 4);
  parsePolicy(text, path);
  const temporary = `${path}.${randomUUID()}`;
  try {
    // Everyone may see whom the machine trusts.
    await writeFile(temporary, text, { mode: 0o644, flag: 'wx' });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `cannot write the policy ${path}: ${reason ?? message}`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.code === Code.NotFound) return undefined;
    throw failure;
  }
}
