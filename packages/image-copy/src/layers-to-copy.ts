// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Manifest } from '@lading/image-spec';
import { type Copy, fixedBecause } from './copy-options.ts';
import { wantedForm } from './layer-forms.ts';
import { inParallel } from './parallel.ts';
import { repositoriesOf } from './put-blob.ts';
import { step } from './side.ts';
import type { LayerToCopy } from './types.ts';

export interface LayersToCopy {
  /** With the layers that the source can give; the same object where those are its own, or the destination has its own. */
  readonly manifest: Manifest;
  /** Places of layers that the destination has as they were, and that stay so. */
  readonly kept: ReadonlySet<number>;
}

/** Finds out which layers are to be copied. */
export async function findLayersToCopy(copy: Copy, manifest: Manifest): Promise<LayersToCopy> {
  const { source, destination, options } = copy;
  const kept = new Set<number>();
  if (source.layersToCopy === undefined) return { manifest, kept };
  const { signal, parallel = 6 } = options;
  const found = await step('source', source.reference, async () =>
    source.layersToCopy?.(manifest, { signal }),
  );
  const layers = [...manifest.layers];
  await inParallel([...(found ?? []).entries()], parallel, signal, async ([i, given], both) => {
    const isThere = await step('destination', destination.reference, () => hasOriginal(copy, given, both));
    if (isThere) kept.add(i);
    else layers[i] = given.layer;
  });
  if (layers.every(({ digest }, i) => digest === manifest.layers[i]?.digest)) return { manifest, kept };
  const fixed = fixedBecause(copy);
  if (fixed !== undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${source.reference} no longer has the compressed layers, so its manifest would change, and ${fixed}`,
      { details: { side: 'source' } },
    );
  }
  return { manifest: { ...manifest, layers }, kept };
}

/** Whether the destination has the layer that the source has lost, in a form that fits. */
async function hasOriginal(copy: Copy, { unpackedFrom }: LayerToCopy, signal: AbortSignal): Promise<boolean> {
  const { destination, options } = copy;
  if (unpackedFrom === undefined || destination.hasBlob === undefined) return false;
  const isToEncrypt = options.encryption !== undefined;
  if (
    wantedForm(
      { ...copy, source: { ...copy.source, layersAreUncompressed: false } },
      unpackedFrom,
      isToEncrypt,
    )
  ) {
    return false;
  }
  return destination.hasBlob(unpackedFrom, { signal, repositories: repositoriesOf(copy, unpackedFrom) });
}
