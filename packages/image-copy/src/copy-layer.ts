// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest } from '@lading/image-spec';
import type { StreamedBlob } from '@lading/registry-client';
import type { Copy } from './copy-options.ts';
import {
  blobOf,
  describeReformed,
  isPlainLayer,
  type LayerForm,
  rememberedAs,
  staysElsewhere,
} from './layer-forms.ts';
import { putBlob, repositoriesOf, sourceOf } from './put-blob.ts';
import { readingSource } from './reading-source.ts';
import type { ReformedLayer } from './reform-layer.ts';
import { step } from './side.ts';
import type { ImageDestination, LayerPosition } from './types.ts';

/** A layer that is to be put, and as what. */
export interface LayerItem {
  readonly layer: Descriptor;
  readonly position: LayerPosition | undefined;
  readonly form: LayerForm | undefined;
}

/** The layers that are to be put, each one once where that is enough. */
export function layersToPut(
  copy: Copy,
  layers: readonly Descriptor[],
  diffIds: readonly Digest[] | undefined,
  forms: readonly (LayerForm | undefined)[],
): readonly LayerItem[] {
  const every = copy.destination.putsEveryLayer === true;
  const seen = new Set<Digest>();
  return layers.flatMap((layer, index) => {
    if (staysElsewhere(copy, layer) || (!every && seen.has(layer.digest))) return [];
    seen.add(layer.digest);
    const position = diffIds === undefined ? undefined : { index, diffIds };
    return [{ layer, position, form: forms[index] }];
  });
}

/** Brings a layer into the form that is wanted, and puts it. Resolves to what was put. */
export async function copyLayer(
  copy: Copy,
  { layer, position, form }: LayerItem,
  signal: AbortSignal,
  turn: Promise<void> | undefined,
): Promise<Descriptor> {
  const { source, destination, reformed, options } = copy;
  const { onProgress } = options;
  if (form === undefined) {
    await turn;
    signal.throwIfAborted();
    await putBlob(copy, layer, 'layer', position, signal, sourceOf(copy, layer, signal));
    return layer;
  }
  const report = { kind: 'layer', id: layer.digest, state: 'copying', total: layer.size } as const;
  const known = await step('destination', destination.reference, () => findKnown(copy, layer, form, signal));
  if (known !== undefined) {
    onProgress?.({ ...report, state: 'exists', current: layer.size });
    return known;
  }
  onProgress?.({ ...report, current: 0 });
  // Loaded when a layer changes: most copies do without.
  const { reformLayer } = await import('./reform-layer.ts');
  const toReform = {
    layer,
    isPlain: source.layersAreUncompressed === true || isPlainLayer(layer),
    diffId: position?.diffIds[position.index],
    encryptionKeys: options.encryption?.keys,
    decryptionKeys: options.decryptionKeys,
  };
  const read = (): ReformedLayer => {
    const onRead = (current: number): void => onProgress?.({ ...report, current });
    return reformLayer(toReform, source.blob(layer, { signal }), form, { signal, onProgress: onRead });
  };
  let put: Descriptor;
  if (destination.putNewBlob === undefined) {
    put = await step('source', source.reference, () => reformed.add(read(), { signal }));
    await turn;
    signal.throwIfAborted();
    await putBlob(copy, put, 'layer', position, signal, { open: () => reformed.open(put, { signal }) });
  } else {
    put = await putReformed(copy, destination.putNewBlob, read, signal);
    const { place } = destination;
    if (place !== undefined)
      await options.knownLayers?.addRepository(place.host, put.digest, place.repository);
    onProgress?.({ ...report, state: 'done', current: layer.size });
  }
  const remembered = rememberedAs(form);
  if (remembered !== undefined) await options.knownLayers?.add(layer.digest, remembered, blobOf(put));
  return put;
}

/** Puts a layer while it is made. */
async function putReformed(
  copy: Copy,
  putNewBlob: NonNullable<ImageDestination['putNewBlob']>,
  read: () => ReformedLayer,
  signal: AbortSignal,
): Promise<Descriptor> {
  let layer = read();
  let isFresh = true;
  return await readingSource(copy, async (marked) => {
    const open = (): StreamedBlob => {
      if (!isFresh) layer = read();
      isFresh = false;
      return { chunks: marked(layer.chunks), result: layer.result };
    };
    await putNewBlob.call(copy.destination, open, { signal });
    return layer.result();
  });
}

/** The blob that an earlier copy made of a layer, if the destination has it. A level that is asked for is made anew. */
async function findKnown(
  copy: Copy,
  layer: Descriptor,
  form: LayerForm,
  signal: AbortSignal,
): Promise<Descriptor | undefined> {
  const { destination, options } = copy;
  const remembered = rememberedAs(form);
  if (options.knownLayers === undefined || destination.hasBlob === undefined) return undefined;
  if (remembered === undefined || form.level !== undefined || destination.putsEveryLayer === true)
    return undefined;
  for (const blob of await options.knownLayers.find(layer.digest, remembered)) {
    const repositories = repositoriesOf(copy, blob);
    if (await destination.hasBlob(blob, { signal, repositories })) {
      return describeReformed(layer, form, blob);
    }
  }
  return undefined;
}
