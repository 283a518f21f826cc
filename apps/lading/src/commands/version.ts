// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { renderTemplate, toJson } from '@lading/go-template';
import { version } from '../version.ts';

export async function run({ flags, environment }: CommandCall): Promise<number> {
  const osArch = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const value = {
    Client: {
      APIVersion: version,
      Version: version,
      NodeVersion: process.version,
      OsArch: osArch,
      Os: 'linux',
    },
  };
  const format = flags.string('format') ?? '';
  if (format === 'json') await environment.stdout(`${toJson(value)}\n`);
  else if (format !== '') await environment.stdout(`${renderTemplate(format, value, { name: 'version' })}\n`);
  else {
    await environment.stdout(
      `Client:       Lading\nVersion:      ${version}\nNode Version: ${process.version}\nOS/Arch:      ${osArch}\n`,
    );
  }
  return 0;
}
