// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { type Image, rebaseImage } from '@lading/image-edit';
import { Annotation, isDigest } from '@lading/image-spec';
import { withImage, writeImage } from '../edit-image.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [from = '', to = ''] = call.args;
  const signal = signalOf(call);
  await withImage(call, from, 'src-', signal, async (image) => {
    const bases = basesOf(call, image);
    await withImage(call, bases.old, 'src-', signal, (oldBase) =>
      withImage(call, bases.new, 'src-', signal, async (newBase) => {
        const rebased = await rebaseImage(image, oldBase, newBase, { baseName: bases.name });
        await writeImage(call, rebased, to, signal);
      }),
    );
  });
  return 0;
}

interface Bases {
  readonly old: string;
  readonly new: string;
  /** What the annotation is to say. */
  readonly name: string | undefined;
}

/** By the flags, else by what the builder has noted on the image. */
function basesOf({ flags }: CommandCall, { manifest, reference }: Image): Bases {
  const annotations = new Map(Object.entries(manifest.annotations ?? {}));
  const name = annotations.get(Annotation.BaseName);
  const digest = annotations.get(Annotation.BaseDigest);
  const old =
    flags.string('old-base') ??
    (name !== undefined && isDigest(digest) ? `docker://${withoutVersion(name)}@${digest}` : undefined);
  const next = flags.string('new-base') ?? (name === undefined ? undefined : `docker://${name}`);
  if (old !== undefined && next !== undefined)
    return {
      old,
      new: next,
      name: next.startsWith('docker://') ? next.slice('docker://'.length) : undefined,
    };
  const missing = old === undefined ? '--old-base' : '--new-base';
  throw usageError(`${reference} does not say what it was made on: give ${missing}`);
}

function withoutVersion(name: string): string {
  return name.replace(/@.*$/s, '').replace(/:[^/:]*$/, '');
}
