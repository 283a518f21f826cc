// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { diffImages } from '@lading/image-edit';
import type { RootDifference } from '@lading/layer';
import { differenceDocument, differenceLine } from '../difference.ts';
import { withImage } from '../edit-image.ts';
import { goJson } from '../go-json.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const format = flags.string('format');
  try {
    if (format !== 'text' && format !== 'json')
      throw usageError(`"${format}" is no format: choose text or json`);
    const differences = await compare(call);
    const text =
      format === 'json'
        ? `${goJson(differences.map(differenceDocument))}\n`
        : differences.map((difference) => `${differenceLine(difference)}\n`).join('');
    if (text !== '') await environment.stdout(text);
    return differences.length === 0 ? 0 : 1;
  } catch (cause) {
    const { code, reason, message, details } = LadingError.from(cause);
    throw new LadingError(code, message, {
      ...(reason === undefined ? {} : { reason }),
      details: { ...details, exitCode: 2 },
      cause,
    });
  }
}

async function compare(call: CommandCall): Promise<readonly RootDifference[]> {
  const [before = '', after = ''] = call.args;
  const signal = signalOf(call);
  return withImage(call, before, 'src-', signal, (old) =>
    withImage(call, after, 'dest-', signal, (now) =>
      diffImages(old, now, { times: call.flags.boolean('times'), signal }),
    ),
  );
}
