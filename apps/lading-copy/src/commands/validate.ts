// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { onSide } from '@lading/image-copy';
import { type ImageFault, validateImage } from '@lading/image-edit';
import { referenceByDigest } from '../reference-by-digest.ts';
import { signalOf } from '../retry.ts';
import { withSource } from '../with-source.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [text = ''] = args;
  const signal = signalOf(call);
  let count = 0;
  await withSource(call, text, '', async (source) => {
    const { digest } = await source.manifest(undefined, { signal });
    for await (const fault of validateImage(source, { fast: flags.boolean('fast'), signal })) {
      count += 1;
      await environment.stdout(`${lineOf(fault)}\n`);
    }
    if (count === 0) await environment.stdout(`${referenceByDigest(text, digest)}\n`);
  });
  if (count === 0) return 0;
  const message = `${count} ${count === 1 ? 'fault' : 'faults'}`;
  throw onSide('source', text, new LadingError(Code.DataLoss, message));
}

function lineOf({ manifest, blob, message }: ImageFault): string {
  return singleLine(`${manifest}${blob === undefined ? '' : ` ${blob}`}: ${message}`);
}
