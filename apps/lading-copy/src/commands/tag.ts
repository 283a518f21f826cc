// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { parseReference } from '@lading/image-spec';
import { withImageRepository } from '../image-repository.ts';
import { referenceByDigest } from '../reference-by-digest.ts';
import { signalOf, withRetries } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [text = '', ...tags] = call.args;
  for (const tag of tags) checkTag(tag);
  const signal = signalOf(call);
  const printed = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'write', async ({ repository, version }) => {
      const { descriptor, bytes } = await repository.manifest(version ?? 'latest', { signal });
      await repository.pushManifest(bytes, { mediaType: descriptor.mediaType, tags, signal });
      return referenceByDigest(text, descriptor.digest);
    }),
  );
  await call.environment.stdout(`${printed}\n`);
  return 0;
}

function checkTag(tag: string): void {
  try {
    if (parseReference(`localhost/x:${tag}`).tag === tag) return;
  } catch {
    // Said in our words.
  }
  throw usageError(`"${tag}" is no tag: write letters, digits, and - . _ between them`);
}
