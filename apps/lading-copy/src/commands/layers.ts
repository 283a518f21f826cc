// SPDX-License-Identifier: Apache-2.0
import { mkdtemp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { type ImageDestination, type ImageSource, openDestination, openSource } from '@lading/image-copy';
import { type Descriptor, type Digest, isDigest } from '@lading/image-spec';
import { platformOf } from '../platform.ts';
import { readManifest } from '../read-image.ts';
import { transportContext } from '../registry-context.ts';
import { signalOf, withRetries } from '../retry.ts';

/** Layers of an image in a new folder `layers-…`, all of them or those that are named. */
export async function run(call: CommandCall): Promise<number> {
  const { args, environment } = call;
  const [text = '', ...wanted] = args;
  await environment.stderr(
    'Warning: layers is deprecated in favor of copy, as in skopeo: write copy IMAGE dir:FOLDER\n',
  );
  const signal = signalOf(call);
  const digests = wanted.map(digestOf);
  const context = await transportContext(call, text);
  await withRetries(call, signal, async () => {
    const source = await openSource(text, context);
    try {
      const folder = await mkdtemp(join(environment.cwd, 'layers-'));
      const destination = await openDestination(`dir:${basename(folder)}`, { cwd: environment.cwd });
      try {
        await save(call, source, destination, digests, signal);
      } finally {
        await destination.close();
      }
    } finally {
      await source.close();
    }
  });
  return 0;
}

function digestOf(text: string): Digest {
  const digest = text.startsWith('sha256:') ? text : `sha256:${text}`;
  if (isDigest(digest)) return digest;
  throw usageError(`${JSON.stringify(text)} is not the digest of a layer`);
}

async function save(
  { flags }: CommandCall,
  source: ImageSource,
  destination: ImageDestination,
  digests: readonly Digest[],
  signal: AbortSignal,
): Promise<void> {
  const top = await source.manifest(undefined, { signal });
  const { bytes, mediaType, manifest } = await readManifest(source, top, platformOf(flags), signal);
  const every = [...manifest.layers, manifest.config];
  const chosen = digests.length === 0 ? every : digests.map((digest) => blobOf(every, digest));
  for (const blob of new Map(chosen.map((one) => [one.digest, one])).values()) {
    await destination.putBlob(blob, () => source.blob(blob, { signal }), { signal });
  }
  await destination.putManifest(bytes, mediaType, { signal });
  await destination.commit({ signal });
}

function blobOf(blobs: readonly Descriptor[], digest: Digest): Descriptor {
  const found = blobs.find((blob) => blob.digest === digest);
  if (found !== undefined) return found;
  throw usageError(`the image has no layer ${digest}; it has ${blobs.map((blob) => blob.digest).join(', ')}`);
}
