// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, runLogin, runLogout } from '@lading/command-line';
import { loginOptions } from '../options/login-options.ts';

export async function run(call: CommandCall): Promise<number> {
  return runLogin(call, await loginOptions(call));
}

/** The command `logout`. */
export async function runOut(call: CommandCall): Promise<number> {
  return runLogout(call, await loginOptions(call));
}
