// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  isConfigType,
  type Manifest,
  MediaType,
  parseImageConfig,
} from '@lading/image-spec';
import type { ContentSource, StreamedBlob } from '@lading/registry-client';
import { convertManifest, formatOf } from './convert.ts';
import { type Copy, fixedBecause } from './copy-options.ts';
import { describeReformed, isPlainLayer, type LayerForm, staysElsewhere, wantedForm } from './layer-forms.ts';
import { descriptorOfManifest } from './manifest-digest.ts';
import { inFirstFormatTaken } from './manifest-retry.ts';
import { once } from './once.ts';
import { createRow, inParallel } from './parallel.ts';
import { possibleFormats } from './possible-formats.ts';
import { type CopyManifestOptions, putManifest } from './put-manifest.ts';
import { documentLimitBytes, readSmall, tooLarge } from './read-small.ts';
import type { ReformedLayer } from './reform-layer.ts';
import { emptyLayer, emptyLayerBytes, writeSchema1 } from './schema1/write-schema1.ts';
import { onSide, sourceBytes, step } from './side.ts';
import { signingName } from './trust/put-signatures.ts';
import type { ImageDestination, LayerPosition, ManifestBytes } from './types.ts';
import { passing } from './verified.ts';

/** What became of a manifest. */
export interface CopiedManifest {
  readonly descriptor: Descriptor;
  /** Undefined for one of Docker's schema 1, which has no config. */
  readonly config: Digest | undefined;
}

/** Copies the blobs of a manifest, then the manifest. */
export async function copyManifest(
  copy: Copy,
  found: ManifestBytes,
  original: Manifest,
  put: CopyManifestOptions = {},
): Promise<CopiedManifest> {
  const { destination, options } = copy;
  const { signal } = options;
  const manifest = await withLayersToCopy(copy, original);
  const forms = manifest.layers.map((layer) => wantedForm(copy, layer));
  const name = await signingName(copy);
  const configBytes = await readConfig(copy, manifest.config);
  const formats = possibleFormats(copy, found.mediaType, manifest, forms, configBytes);
  const diffIds = diffIdsOf(copy, manifest, configBytes);
  const items = layersToPut(copy, manifest.layers, diffIds, forms);
  const layers = new Map<Digest, Descriptor>();
  const nextPlace = createRow();
  await inParallel(items, options.parallel ?? 6, signal, async (item, both) => {
    const place = nextPlace();
    try {
      const turn = destination.putsInOrder === true ? place.turn : undefined;
      layers.set(item.layer.digest, await copyLayer(copy, item, both, turn));
    } finally {
      place.leave();
    }
  });
  await putConfig(copy, manifest.config, configBytes);

  const changed = manifest !== original || forms.some((form) => form !== undefined);
  const copied = changed
    ? { ...manifest, layers: manifest.layers.map((layer) => layers.get(layer.digest) ?? layer) }
    : manifest;
  const descriptor = await inFirstFormatTaken(copy, formats, async (format) => {
    if (format === 'v2s1') return putSchema1(copy, copied, configBytes, name, put);
    const same = !changed && format === formatOf(found.mediaType);
    const converted = same ? manifest : convertManifest(copied, format);
    const bytes = same ? found.bytes : encodeJson(converted);
    const mediaType = same ? found.mediaType : (converted.mediaType ?? found.mediaType);
    const written = await descriptorOf(mediaType, bytes);
    const digest = same ? found.digest : written.digest;
    await putManifest(copy, { bytes, mediaType, digest }, name, put);
    return { ...written, digest };
  });
  return { descriptor, config: manifest.config.digest };
}

async function putSchema1(
  copy: Copy,
  manifest: Manifest,
  config: Uint8Array | undefined,
  name: string | undefined,
  put: CopyManifestOptions,
): Promise<Descriptor> {
  const { destination, options } = copy;
  const { signal } = options;
  const { bytes } = await step('destination', destination.reference, async () => {
    const made = writeSchema1(manifest, config, destination.embeddedName);
    if (made.hasEmptyLayer) await destination.putBlob(emptyLayer, () => once(emptyLayerBytes), { signal });
    return made;
  });
  const written = await descriptorOfManifest(MediaType.DockerManifestV1Signed, bytes);
  await putManifest(copy, { ...written, bytes }, name, put);
  return written;
}

/** The manifest with the layers that the source can give; the same object where those are its own. */
async function withLayersToCopy(copy: Copy, manifest: Manifest): Promise<Manifest> {
  const { source, options } = copy;
  if (source.layersToCopy === undefined) return manifest;
  const layers = await step(
    'source',
    source.reference,
    async () => (await source.layersToCopy?.(manifest, { signal: options.signal })) ?? manifest.layers,
  );
  if (layers.every(({ digest }, i) => digest === manifest.layers[i]?.digest)) return manifest;
  const fixed = fixedBecause(copy);
  if (fixed !== undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${source.reference} no longer has the compressed layers, so its manifest would change, and ${fixed}`,
      { details: { side: 'source' } },
    );
  }
  return { ...manifest, layers };
}

interface LayerItem {
  readonly layer: Descriptor;
  readonly position: LayerPosition | undefined;
  readonly form: LayerForm | undefined;
}

function layersToPut(
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
async function copyLayer(
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
    await putBlob(copy, layer, 'layer', position, signal, () => source.blob(layer, { signal }));
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
    await putBlob(copy, put, 'layer', position, signal, () => reformed.open(put, { signal }));
  } else {
    put = await putReformed(copy, destination.putNewBlob, read, signal);
    onProgress?.({ ...report, state: 'done', current: layer.size });
  }
  if (form.compression !== 'none') await options.knownLayers?.add(layer.digest, form.compression, put);
  return put;
}

/** Puts a layer while it is made. */
async function putReformed(
  { source, destination }: Copy,
  putNewBlob: NonNullable<ImageDestination['putNewBlob']>,
  read: () => ReformedLayer,
  signal: AbortSignal,
): Promise<Descriptor> {
  let sourceFailure: LadingError | undefined;
  let layer = read();
  let isFresh = true;
  const open = (): StreamedBlob => {
    sourceFailure = undefined;
    if (!isFresh) layer = read();
    isFresh = false;
    const marked = sourceBytes(source.reference, layer.chunks, (error) => {
      sourceFailure = error;
    });
    return { chunks: passing(layer.chunks, marked), result: layer.result };
  };
  try {
    await putNewBlob.call(destination, open, { signal });
    return layer.result();
  } catch (error) {
    // The destination may have wrapped what the source threw; the source's own word is better.
    throw sourceFailure ?? onSide('destination', destination.reference, error);
  }
}

/** The blob that an earlier copy made of a layer, if the destination has it. A level that is asked for is made anew. */
async function findKnown(
  { destination, options }: Copy,
  layer: Descriptor,
  { compression, level }: LayerForm,
  signal: AbortSignal,
): Promise<Descriptor | undefined> {
  if (options.knownLayers === undefined || destination.hasBlob === undefined) return undefined;
  if (compression === 'none' || level !== undefined || destination.putsEveryLayer === true) return undefined;
  for (const blob of await options.knownLayers.find(layer.digest, compression)) {
    if (await destination.hasBlob(blob, { signal })) {
      return describeReformed(layer, compression, blob);
    }
  }
  return undefined;
}

/** The config of an image is read first, for the diffIDs; that of an artifact may be anything, also large. */
async function readConfig(copy: Copy, config: Descriptor): Promise<Uint8Array | undefined> {
  const { source, options } = copy;
  if (!isConfigType(config.mediaType)) return undefined;
  return step('source', source.reference, async () => {
    const what = `the config ${config.digest}`;
    if (config.size > documentLimitBytes) throw tooLarge(what);
    return readSmall(source.blob(config, { signal: options.signal }), what);
  });
}

function diffIdsOf(
  { source }: Copy,
  { layers }: Manifest,
  config: Uint8Array | undefined,
): readonly Digest[] | undefined {
  if (config === undefined) return undefined;
  try {
    const { diff_ids: diffIds } = parseImageConfig(config).rootfs;
    if (diffIds.length !== layers.length) {
      throw new LadingError(
        Code.InvalidArgument,
        `the manifest has ${layers.length} layers, its config lists ${diffIds.length}`,
        { reason: 'MANIFEST_INVALID' },
      );
    }
    return diffIds;
  } catch (error) {
    throw onSide('source', source.reference, error);
  }
}

async function putConfig(copy: Copy, config: Descriptor, bytes: Uint8Array | undefined): Promise<void> {
  const { destination, options } = copy;
  const { signal, onProgress } = options;
  if (bytes === undefined) {
    await putBlob(copy, config, 'config', undefined, signal, () => copy.source.blob(config, { signal }));
    return;
  }
  const report = { kind: 'config', id: config.digest, total: config.size } as const;
  onProgress?.({ ...report, state: 'copying', current: 0 });
  const state = await step('destination', destination.reference, () =>
    destination.putBlob(config, () => once(bytes), { signal, origin: copy.source.origin }),
  );
  onProgress?.({ ...report, state: state === 'stored' ? 'done' : state, current: config.size });
}

export async function putBlob(
  { source, destination, options }: Copy,
  blob: Descriptor,
  kind: 'layer' | 'config',
  layer: LayerPosition | undefined,
  signal: AbortSignal | undefined,
  read: () => ContentSource,
): Promise<void> {
  const report = { kind, id: blob.digest, total: blob.size } as const;
  const { onProgress } = options;
  let sourceFailure: LadingError | undefined;
  const open = (): ContentSource => {
    sourceFailure = undefined;
    const bytes = read();
    const marked = sourceBytes(source.reference, bytes, (error) => {
      sourceFailure = error;
    });
    return passing(bytes, marked);
  };
  onProgress?.({ ...report, state: 'copying', current: 0 });
  try {
    const state = await destination.putBlob(blob, open, {
      signal,
      layer,
      origin: source.origin,
      ...(onProgress === undefined
        ? {}
        : { onProgress: (current: number) => onProgress({ ...report, state: 'copying', current }) }),
    });
    onProgress?.({ ...report, state: state === 'stored' ? 'done' : state, current: blob.size });
  } catch (error) {
    // The destination may have wrapped what the source threw; the source's own word is better.
    throw sourceFailure ?? onSide('destination', destination.reference, error);
  }
}
