// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { loadPolicy, type Policy } from '@lading/config';
import { Code, hasCode } from '@lading/errors';
import { textOf } from './shared-flags.ts';

/** The policy that is named, or that of the machine; undefined on one that has none, which takes every image. */
export async function trustPolicy(call: CommandCall): Promise<Policy | undefined> {
  const { cwd, env } = call.environment;
  const path = textOf(call, 'signature-policy');
  if (path !== undefined) return loadPolicy({ path: resolve(cwd, path) });
  try {
    return await loadPolicy({ env });
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}
