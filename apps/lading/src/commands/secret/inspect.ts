// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { SecretInfo } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { inspectTemplate } from '../../output/inspect-template.ts';
import { printError } from '../../output/print-error.ts';
import { secretDetails } from '../../output/secret-row.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const pretty = flags.boolean('pretty');
  const showSecret = flags.boolean('showsecret');
  if (pretty && flags.given('format')) throw usageError('cannot use --format and --pretty together');
  const show = inspectTemplate(flags.string('format') || 'json', 'secret inspect');
  const errors: LadingError[] = [];
  const found: { info: SecretInfo; data: string | undefined }[] = [];
  await withEngine(call, async ({ secrets }) => {
    for (const name of args) {
      try {
        const info = await secrets.inspect(name);
        const data = showSecret ? Buffer.from(await secrets.read(name)).toString() : undefined;
        found.push({ info, data });
      } catch (reason) {
        const error = LadingError.from(reason);
        errors.push(
          new LadingError(error.code, `inspecting secret: ${error.message}`, {
            ...(error.reason !== undefined && { reason: error.reason }),
            cause: reason,
          }),
        );
      }
    }
  });
  if (pretty) for (const { info, data } of found) await environment.stdout(prettyText(info, data));
  else {
    const rows = found.map(({ info, data }) => secretDetails(info, data));
    await environment.stdout(show === undefined ? `${toJson(rows, 4)}\n` : show(rows));
  }
  for (const error of errors) await printError(environment, error);
  return errors.length === 0 ? 0 : 125;
}

function prettyText({ id, name, createdAt, updatedAt }: SecretInfo, data: string | undefined): string {
  const lines = [
    ['ID:', id],
    ['Name:', name],
    ['Driver:', 'file'],
    ['Created at:', createdAt],
    ['Updated at:', updatedAt],
    ...(data === undefined ? [] : [['Secret Data:', data]]),
  ];
  return lines.map(([title = '', value = '']) => `${title.padEnd(19)}${value}\n`).join('');
}
