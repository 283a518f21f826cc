// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode, type LadingError } from '@lading/errors';
import { isJsonFormat, parseTemplate, toJson } from '@lading/go-template';
import { findNetwork, listNetworks } from '../../network/networks.ts';
import { goNames, networkDetails } from '../../output/network-details.ts';
import { printError } from '../../output/print-error.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const format = flags.string('format') ?? 'json';
  const template =
    isJsonFormat(format) || format === '' ? undefined : parseTemplate(format, { name: 'network inspect' });
  const networks = await listNetworks(call);
  const found: Readonly<Record<string, unknown>>[] = [];
  const errors: LadingError[] = [];
  for (const ref of args) {
    try {
      found.push(networkDetails(findNetwork(networks, ref)));
    } catch (reason) {
      if (!hasCode(reason, Code.NotFound)) throw reason;
      errors.push(reason);
    }
  }
  if (template === undefined) await environment.stdout(`${toJson(found, 5)}\n`);
  else for (const value of found) await environment.stdout(`${template.render(goNames(value))}\n`);
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}
