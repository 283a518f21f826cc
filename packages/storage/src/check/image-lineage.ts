// SPDX-License-Identifier: Apache-2.0
import { type ImageConfig, parseImageConfig } from '@lading/image-spec';

/** What of a config says which image an image was built on. */
type Origin = Pick<ImageConfig, 'rootfs' | 'history'>;

export function originOf(config: Uint8Array): Origin | undefined {
  try {
    return parseImageConfig(config);
  } catch {
    return undefined; // an image of another kind, or a damaged one
  }
}

/**
 * Whether an image was built on another in one step: it begins with all of its layers, and its history has one more
 * entry. podman tells intermediate images of a build so.
 */
export function isBuiltOn(child: Origin, parent: Origin): boolean {
  const layers = parent.rootfs.diff_ids;
  if (layers.some((diffId, index) => diffId !== child.rootfs.diff_ids[index])) return false;
  const before = parent.history ?? [];
  const after = child.history ?? [];
  if (after.length !== before.length + 1) return false;
  return before.every((entry, index) => isSameStep(entry, after[index]));
}

type Step = NonNullable<ImageConfig['history']>[number];

function isSameStep(one: Step, other: Step | undefined): boolean {
  if (other === undefined) return false;
  const timeOf = ({ created }: Step): number | undefined =>
    created === undefined || created === null ? undefined : Date.parse(created);
  return (
    timeOf(one) === timeOf(other) &&
    (['created_by', 'author', 'comment'] as const).every((key) => (one[key] ?? '') === (other[key] ?? '')) &&
    (one.empty_layer ?? false) === (other.empty_layer ?? false)
  );
}
