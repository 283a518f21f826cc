// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import { goJson, goObject, goTime, rawMembers } from './go-json.ts';
import type { Schema1Layer } from './read-schema1.ts';

/** What only schema 1 has. */
const dropped = ['id', 'parent', 'parent_id', 'layer_id', 'throwaway', 'Size'] as const;

/**
 * The config that an image of schema 1 has in later formats, in the bytes that Go's tools make of it, so that the
 * image has the same ID everywhere.
 *
 * @param layers lowest first, with the empty ones
 * @param diffIds of the layers that are not empty
 */
export function configOfSchema1(layers: readonly Schema1Layer[], diffIds: readonly Digest[]): Uint8Array {
  const members = rawMembers(layers.at(-1)?.compatibility ?? '{}');
  for (const name of dropped) members.delete(name);
  members.set('rootfs', goJson({ type: 'layers', ...(diffIds.length === 0 ? {} : { diff_ids: diffIds }) }));
  members.set('history', goJson(layers.map(historyOf)));
  return new TextEncoder().encode(goObject(members));
}

function historyOf({ created, author, command, comment, isEmpty }: Schema1Layer) {
  const createdBy = command.join(' ');
  return {
    created: goTime(created),
    ...(author ? { author } : {}),
    ...(createdBy === '' ? {} : { created_by: createdBy }),
    ...(comment ? { comment } : {}),
    ...(isEmpty ? { empty_layer: true } : {}),
  };
}
