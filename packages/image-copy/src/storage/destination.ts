// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  digestBytes,
  digestHex,
  isConfigType,
  type Manifest,
  MediaType,
  parseImageConfig,
  parseManifest,
  parseReference,
  verifyStream,
} from '@lading/image-spec';
import type { LayerRecord, StagedLayer } from '@lading/storage';
import { isEncryptedType } from '../encryption/encrypted-type.ts';
import { tableDigestOf } from '../layer-forms.ts';
import { readSmall } from '../read-small.ts';
import type { ImageSignature } from '../trust/image-signature.ts';
import type { ImageDestination, LayerPosition } from '../types.ts';
import { isVerified, passing } from '../verified.ts';
import { formatSignatureData } from './signature-data.ts';
import type { ImageStore } from './store.ts';

/** What has been taken for one position of the image. */
type Taken = { readonly staged: StagedLayer } | { readonly existing: LayerRecord };

/**
 * Writes an image into the local store: layers are unpacked side by side where nobody sees them, and put on
 * top of each other, with the image record last, when config, manifest and every digest have been checked.
 *
 * @param name a full reference; a digest in it must be that of what is written
 * @param id of the image. Default: the digest of its config
 */
export function createStorageDestination(
  store: ImageStore,
  name: string | undefined,
  text: string,
  id?: string,
): ImageDestination {
  const wanted = name === undefined ? undefined : parseReference(name).digest;
  const taken = new Map<number, Taken>();
  const configs = new Map<Digest, Uint8Array>();
  let top: { readonly bytes: Uint8Array; readonly manifest: Manifest } | undefined;
  let signatures: readonly ImageSignature[] = [];
  const claims: AsyncDisposable[] = [];
  let claiming: Promise<void> = Promise.resolve();
  let claimCount = 0;

  function idAt({ diffIds }: LayerPosition, index: number): string | undefined {
    let id: string | undefined;
    for (const diffId of diffIds.slice(0, index + 1)) id = store.layers.idFor(id, diffId);
    return id;
  }

  /**
   * Claims the layers that are missing up to this one, the lowest first in whatever order they are put: so two pulls
   * that want the same layers fetch each once, and never wait for each other.
   */
  function claim(position: LayerPosition, signal: AbortSignal | undefined): Promise<void> {
    for (; claimCount <= position.index; claimCount += 1) {
      const id = idAt(position, claimCount);
      claiming = claiming.then(async () => {
        if (id === undefined || (await store.layers.get(id)) !== undefined) return;
        claims.push(await store.layers.claim(id, signal === undefined ? {} : { signal }));
      });
    }
    return claiming;
  }

  /** The layer of the store that is this layer already: the same blob on the same layers. */
  async function existing(blob: Descriptor, position: LayerPosition): Promise<LayerRecord | undefined> {
    const id = idAt(position, position.index);
    const layer = id === undefined ? undefined : await store.layers.get(id);
    // The config only says what a layer unpacks to. A layer counts as there when the blob, or its table, is the same too.
    const isSame =
      layer?.compressedDiffDigest === blob.digest ||
      layer?.diffDigest === blob.digest ||
      (layer?.tocDigest !== undefined && layer.tocDigest === tableDigestOf(blob));
    return isSame ? layer : undefined;
  }

  async function commitLayers(manifest: Manifest, diffIds: readonly Digest[]): Promise<string | undefined> {
    const added: string[] = [];
    let parent: string | undefined;
    try {
      for (const [index, diffId] of diffIds.entries()) {
        const layer = taken.get(index);
        const what = `layer ${index + 1} of ${diffIds.length} (${manifest.layers[index]?.digest})`;
        if (layer === undefined) throw new LadingError(Code.FailedPrecondition, `${what} was not put`);
        const id = store.layers.idFor(parent, diffId);
        if ('existing' in layer) {
          if ((await store.layers.get(id)) === undefined) {
            throw new LadingError(Code.Aborted, `${what} was removed meanwhile; try again`);
          }
        } else {
          if (layer.staged.applied.diffId !== diffId) {
            throw new LadingError(Code.DataLoss, `${what} unpacks to ${layer.staged.applied.diffId}`, {
              reason: 'DIGEST_MISMATCH',
            });
          }
          const before = await store.layers.get(id);
          await layer.staged.commit(parent);
          taken.delete(index);
          if (before === undefined) added.push(id);
        }
        parent = id;
      }
      return parent;
    } catch (error) {
      for (const id of added.reverse()) await store.layers.delete(id);
      throw error;
    }
  }

  async function discard(): Promise<void> {
    for (const [index, layer] of taken) {
      if ('staged' in layer) await layer.staged.discard();
      taken.delete(index);
    }
    await release();
  }

  async function release(): Promise<void> {
    // One that is being waited for is there when the wait is over.
    await claiming.catch(() => undefined);
    for (const held of claims.splice(0)) await held[Symbol.asyncDispose]();
  }

  return {
    reference: text,
    manifestTypes: [MediaType.ImageManifest, MediaType.DockerManifest],
    keepsManifests: wanted === undefined ? undefined : 'the destination is named by a digest',
    putsEveryLayer: true,
    takesIndexes: false,
    async putBlob(descriptor, source, options = {}) {
      const { layer, signal, onProgress } = options;
      if (layer === undefined) {
        const bytes = verifyStream(source(), descriptor, createHash, signal === undefined ? {} : { signal });
        configs.set(descriptor.digest, await readSmall(bytes, `the config ${descriptor.digest}`));
        return 'stored';
      }
      if (isEncryptedType(descriptor.mediaType)) {
        throw new LadingError(
          Code.FailedPrecondition,
          `the layer ${descriptor.digest} is encrypted: give a key that decrypts it`,
        );
      }
      await claim(layer, signal);
      const found = await existing(descriptor, layer);
      if (found !== undefined) {
        taken.set(layer.index, { existing: found });
        return 'exists';
      }
      const expectedDiffId = layer.diffIds[layer.index];
      if (expectedDiffId === undefined)
        throw new LadingError(Code.InvalidArgument, 'no diffID for the layer');
      if (tableDigestOf(descriptor) !== undefined) {
        const { stageChunked } = await import('./stage-chunked.ts');
        const staged = await stageChunked(store, descriptor, expectedDiffId, options);
        if (staged !== undefined) {
          taken.set(layer.index, { staged });
          return 'stored';
        }
      }
      const bytes = source();
      const staged = await store.layers.stage(passing(bytes, sized(bytes, descriptor, onProgress)), {
        expectedDigest: descriptor.digest,
        isVerified: isVerified(bytes, descriptor.digest),
        expectedDiffId,
        ...(signal === undefined ? {} : { signal }),
      });
      taken.set(layer.index, { staged });
      return 'stored';
    },
    async putManifest(bytes, mediaType) {
      const manifest = parseManifest(bytes);
      if (!isConfigType(manifest.config.mediaType)) {
        throw new LadingError(
          Code.Unimplemented,
          `an artifact (${manifest.config.mediaType || mediaType}) cannot be kept in the local store`,
          { reason: 'UNSUPPORTED' },
        );
      }
      top = { bytes, manifest };
    },
    async putSignatures(given) {
      signatures = given;
    },
    async commit({ signal, chosenFrom } = {}) {
      if (top === undefined) throw new LadingError(Code.FailedPrecondition, 'no manifest was put');
      const { manifest, bytes } = top;
      const config = configs.get(manifest.config.digest);
      if (config === undefined) throw new LadingError(Code.FailedPrecondition, 'the config was not put');
      const parsed = parseImageConfig(config);
      signal?.throwIfAborted();
      const own = { digest: await digestBytes(bytes), bytes };
      if (wanted !== undefined && wanted !== own.digest && wanted !== chosenFrom?.digest) {
        throw new LadingError(
          Code.FailedPrecondition,
          `the image has the digest ${own.digest}, not the one it is to be written under`,
          { reason: 'DIGEST_MISMATCH' },
        );
      }
      const topLayer = await commitLayers(manifest, parsed.rootfs.diff_ids);
      await store.images.create({
        id: id ?? digestHex(manifest.config.digest),
        names: name === undefined ? [] : [name],
        ...(topLayer === undefined ? {} : { topLayer }),
        digest: chosenFrom?.digest ?? own.digest,
        manifests: chosenFrom === undefined ? [own] : [chosenFrom, own],
        config: { digest: manifest.config.digest, bytes: config },
        ...formatSignatureData(signatures, own.digest),
        ...(parsed.created === undefined ? {} : { created: parsed.created }),
      });
      await release();
    },
    abort: discard,
    close: discard,
  };
}

/** The store checks the digest; that no more bytes come than the descriptor says is checked here. */
async function* sized(
  source: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  onProgress: ((current: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let current = 0;
  for await (const chunk of source) {
    current += chunk.length;
    if (current > size) {
      throw new LadingError(Code.DataLoss, `${digest}: more than the expected ${size} bytes arrived`, {
        reason: 'SIZE_MISMATCH',
      });
    }
    yield chunk;
    onProgress?.(current);
  }
}
