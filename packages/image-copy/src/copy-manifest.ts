// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  isConfigType,
  type Manifest,
  parseImageConfig,
} from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';
import { convertManifest, formatOf } from './convert.ts';
import { type Copy, targetFormat } from './copy-options.ts';
import { inParallel } from './parallel.ts';
import { documentLimitBytes, readSmall, tooLarge } from './read-small.ts';
import { onSide, sourceBytes, step } from './side.ts';
import type { LayerPosition, ManifestBytes, PutManifestOptions } from './types.ts';
import { passing } from './verified.ts';

/** What became of a manifest. */
export interface CopiedManifest {
  readonly descriptor: Descriptor;
  readonly config: Digest;
}

/** Copies the blobs of a manifest, then the manifest. */
export async function copyManifest(
  copy: Copy,
  found: ManifestBytes,
  original: Manifest,
  put: PutManifestOptions,
): Promise<CopiedManifest> {
  const { destination, options } = copy;
  const { signal, onProgress } = options;
  const format = targetFormat(copy, found.mediaType);
  const manifest = await withLayersToCopy(copy, original);
  // What cannot be written is found out before gigabytes have been copied.
  const same = format === formatOf(found.mediaType) && manifest === original;
  const bytes = same ? found.bytes : encodeJson(convertManifest(manifest, format));
  const written = await descriptorOf(
    same ? found.mediaType : (convertManifest(manifest, format).mediaType ?? found.mediaType),
    bytes,
  );
  const descriptor = same ? { ...written, digest: found.digest } : written;

  const configBytes = await readConfig(copy, manifest.config);
  const diffIds = diffIdsOf(copy, manifest, configBytes);
  const items = layersToPut(manifest.layers, diffIds, destination.putsEveryLayer === true);
  await inParallel(items, options.parallel ?? 6, signal, async ({ layer, position }, both) =>
    putBlob(copy, layer, 'layer', position, both),
  );
  await putConfig(copy, manifest.config, configBytes);
  onProgress?.({ kind: 'manifest', id: descriptor.digest, state: 'writing' });
  await step('destination', destination.reference, () =>
    destination.putManifest(bytes, descriptor.mediaType, { ...put, signal }),
  );
  return { descriptor, config: manifest.config.digest };
}

/** The manifest with the layers that the source can give; the same object where those are its own. */
async function withLayersToCopy({ source, options }: Copy, manifest: Manifest): Promise<Manifest> {
  if (source.layersToCopy === undefined) return manifest;
  const layers = await step(
    'source',
    source.reference,
    async () => (await source.layersToCopy?.(manifest, { signal: options.signal })) ?? manifest.layers,
  );
  if (layers.every(({ digest }, i) => digest === manifest.layers[i]?.digest)) return manifest;
  if (options.preserveDigests === true) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${source.reference} no longer has the compressed layers: its digest cannot be preserved`,
      { details: { side: 'source' } },
    );
  }
  return { ...manifest, layers };
}

interface LayerItem {
  readonly layer: Descriptor;
  readonly position: LayerPosition | undefined;
}

function layersToPut(
  layers: readonly Descriptor[],
  diffIds: readonly Digest[] | undefined,
  every: boolean,
): readonly LayerItem[] {
  const seen = new Set<Digest>();
  return layers.flatMap((layer, index) => {
    if (!every && seen.has(layer.digest)) return [];
    seen.add(layer.digest);
    return [{ layer, position: diffIds === undefined ? undefined : { index, diffIds } }];
  });
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
    await putBlob(copy, config, 'config', undefined, signal);
    return;
  }
  const report = { kind: 'config', id: config.digest, total: config.size } as const;
  onProgress?.({ ...report, state: 'copying', current: 0 });
  const state = await step('destination', destination.reference, () =>
    destination.putBlob(config, () => once(bytes), { signal, origin: copy.source.origin }),
  );
  onProgress?.({ ...report, state: state === 'stored' ? 'done' : state, current: config.size });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

async function putBlob(
  { source, destination, options }: Copy,
  blob: Descriptor,
  kind: 'layer' | 'config',
  layer: LayerPosition | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const report = { kind, id: blob.digest, total: blob.size } as const;
  const { onProgress } = options;
  let sourceFailure: LadingError | undefined;
  const open = (): ContentSource => {
    sourceFailure = undefined;
    const bytes = source.blob(blob, { signal });
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
