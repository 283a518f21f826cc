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
import { convertManifest, formatOf } from './convert.ts';
import { copyLayer, layersToPut } from './copy-layer.ts';
import type { Copy } from './copy-options.ts';
import { layersToEncrypt } from './encryption/layers-to-encrypt.ts';
import { wantedForm } from './layer-forms.ts';
import { findLayersToCopy } from './layers-to-copy.ts';
import { descriptorOfManifest } from './manifest-digest.ts';
import { inFirstFormatTaken } from './manifest-retry.ts';
import { once } from './once.ts';
import { createRow, inParallel } from './parallel.ts';
import { possibleFormats } from './possible-formats.ts';
import { putBlob, sourceOf } from './put-blob.ts';
import { type CopyManifestOptions, putManifest } from './put-manifest.ts';
import { documentLimitBytes, readSmall, tooLarge } from './read-small.ts';
import { emptyLayer, emptyLayerBytes, writeSchema1 } from './schema1/write-schema1.ts';
import { onSide, step } from './side.ts';
import { signingName } from './trust/put-signatures.ts';
import type { ManifestBytes } from './types.ts';

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
  const { manifest, kept } = await findLayersToCopy(copy, original);
  const encrypted = layersToEncrypt(copy, manifest.layers.length);
  const forms = manifest.layers.map((layer, i) =>
    kept.has(i) ? undefined : wantedForm(copy, layer, encrypted.has(i)),
  );
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
    await putBlob(copy, config, 'config', undefined, signal, sourceOf(copy, config, signal));
    return;
  }
  const report = { kind: 'config', id: config.digest, total: config.size } as const;
  onProgress?.({ ...report, state: 'copying', current: 0 });
  const state = await step('destination', destination.reference, () =>
    destination.putBlob(config, () => once(bytes), { signal, origin: copy.source.origin }),
  );
  onProgress?.({ ...report, state: state === 'stored' ? 'done' : state, current: config.size });
}
