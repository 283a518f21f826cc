// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  type DockerManifestV1,
  digestHex,
  type Manifest,
  MediaType,
  parseDigest,
  parseImageConfig,
} from '@lading/image-spec';
import type { EmbeddedName } from '../types.ts';
import { goJson, goObject, goTime, rawMembers } from './go-json.ts';
import { signSchema1 } from './sign-schema1.ts';

/** The layer of a step that changed no file: an empty archive, in the bytes that Docker's own tools have for it. */
export const emptyLayerBytes: Uint8Array = Buffer.from(
  '1f8b080000096e8800ff621805a360148c5800080000ffff2eafb5ef00040000',
  'hex',
);

export const emptyLayer: Descriptor = {
  mediaType: MediaType.DockerLayerGzip,
  size: emptyLayerBytes.length,
  digest: parseDigest('sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4'),
};

/** A manifest of schema 1 to be written. */
export interface WrittenSchema1 {
  readonly bytes: Uint8Array;
  readonly hasEmptyLayer: boolean;
}

const layerTypes = new Set<string>([
  MediaType.DockerLayer,
  MediaType.DockerLayerGzip,
  MediaType.Layer,
  MediaType.LayerGzip,
]);

/**
 * Puts an image into schema 1, with the IDs that Docker makes up for its steps.
 *
 * @throws Unimplemented (`UNSUPPORTED`) for what schema 1 cannot say
 */
export function writeSchema1(
  manifest: Manifest,
  config: Uint8Array | undefined,
  name: EmbeddedName = { repository: '', tag: '' },
): WrittenSchema1 {
  if (config === undefined) throw refused('an artifact');
  const strange = manifest.layers.find(({ mediaType }) => !layerTypes.has(mediaType));
  if (strange !== undefined) throw refused(`a layer of type ${strange.mediaType}`);
  const { history = [], architecture } = parseImageConfig(config);
  if (history.length === 0) throw refused('an image without a history');
  const full = history.filter(({ empty_layer: isEmpty }) => isEmpty !== true);
  if (full.length !== manifest.layers.length) {
    throw refused(`a history of ${full.length} layers where there are ${manifest.layers.length}`);
  }
  const blobs = manifest.layers[Symbol.iterator]();
  const digests = history.map((step) =>
    step.empty_layer === true ? emptyLayer.digest : (blobs.next().value?.digest ?? emptyLayer.digest),
  );
  let parent = '';
  const steps = history.map((step, i): string => {
    const digest = digests[i] ?? emptyLayer.digest;
    const throwaway = step.empty_layer === true ? { throwaway: true } : {};
    if (i === history.length - 1) {
      const id = stepId(digest, parent, new TextDecoder().decode(config));
      return topStep(config, { id, ...(parent === '' ? {} : { parent }), ...throwaway });
    }
    const id = stepId(digest, parent);
    const text = goJson({
      id,
      ...(parent === '' ? {} : { parent }),
      ...(step.comment ? { comment: step.comment } : {}),
      created: goTime(step.created),
      container_config: { Cmd: [step.created_by ?? ''] },
      ...(step.author ? { author: step.author } : {}),
      ...throwaway,
    });
    parent = id;
    return text;
  });
  const payload = goJson({
    name: name.repository,
    tag: name.tag,
    architecture,
    fsLayers: digests.toReversed().map((blobSum) => ({ blobSum })),
    history: steps.toReversed().map((v1Compatibility) => ({ v1Compatibility })),
    schemaVersion: 1,
  });
  return { bytes: signSchema1(payload), hasEmptyLayer: full.length < history.length };
}

/** The manifest under another name, which has to be signed anew. */
export function renameSchema1(manifest: DockerManifestV1, { repository, tag }: EmbeddedName): Uint8Array {
  const { architecture, fsLayers, history } = manifest;
  const payload = { name: repository, tag, architecture, fsLayers, history, schemaVersion: 1 };
  return signSchema1(goJson(payload));
}

function stepId(digest: Digest, ...others: readonly string[]): string {
  return createHash('sha256')
    .update([digestHex(digest), ...others].join(' '))
    .digest('hex');
}

/** The config without what other members of the manifest say. */
function topStep(config: Uint8Array, added: Readonly<Record<string, unknown>>): string {
  const members = rawMembers(new TextDecoder().decode(config));
  members.delete('rootfs');
  members.delete('history');
  for (const [name, value] of Object.entries(added)) members.set(name, goJson(value));
  return goObject(members);
}

function refused(what: string): LadingError {
  return new LadingError(
    Code.Unimplemented,
    `${what} has no form in Docker's schema 1; keep another format`,
    {
      reason: 'UNSUPPORTED',
    },
  );
}
