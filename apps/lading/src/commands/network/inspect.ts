// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode, type LadingError } from '@lading/errors';
import { toJson } from '@lading/go-template';
import { findNetwork, listNetworks } from '../../network/networks.ts';
import { inspectTemplate } from '../../output/inspect-template.ts';
import { goNames, networkDetails } from '../../output/network-details.ts';
import { printError } from '../../output/print-error.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const show = inspectTemplate(flags.string('format') || 'json', 'network inspect');
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
  await environment.stdout(show === undefined ? `${toJson(found, 5)}\n` : show(found.map(goNames)));
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}
