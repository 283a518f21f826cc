// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { RawRecord } from './record-file.ts';

/** A layer of layers.json. Sizes are in bytes. */
export interface LayerRecord {
  readonly id: string;
  readonly names: readonly string[];
  readonly parent?: string;
  readonly created: string;
  /** The blob as it was received. */
  readonly compressedDiffDigest?: Digest;
  readonly compressedSize?: number;
  /** The uncompressed archive. */
  readonly diffDigest?: Digest;
  readonly diffSize?: number;
}

/** An image of images.json. */
export interface ImageRecord {
  readonly id: string;
  /** Of the manifest; of the list, for an image that was chosen from one. */
  readonly digest?: Digest;
  /** Full references, newest first. */
  readonly names: readonly string[];
  readonly topLayer?: string;
  readonly created: string;
  readonly bigDataNames: readonly string[];
}

/** A container of containers.json. */
export interface ContainerRecord {
  readonly id: string;
  readonly names: readonly string[];
  readonly imageId: string;
  readonly layer: string;
  readonly metadata?: string;
  readonly created: string;
  readonly flags: Readonly<Record<string, unknown>>;
}

export const layerFields = [
  'id',
  'names',
  'parent',
  'metadata',
  'mountlabel',
  'created',
  'compressed-diff-digest',
  'compressed-size',
  'diff-digest',
  'toc-digest',
  'diff-size',
  'compression',
  'uidset',
  'gidset',
  'flags',
  'uidmap',
  'gidmap',
  'big-data-names',
] as const;
export const imageFields = [
  'id',
  'digest',
  'names',
  'names-history',
  'layer',
  'mapped-layers',
  'metadata',
  'big-data-names',
  'big-data-sizes',
  'big-data-digests',
  'created',
  'flags',
] as const;
export const containerFields = [
  'id',
  'names',
  'image',
  'layer',
  'metadata',
  'big-data-names',
  'big-data-sizes',
  'big-data-digests',
  'created',
  'uidmap',
  'gidmap',
  'flags',
] as const;

export function layerOf(raw: RawRecord): LayerRecord {
  return {
    id: raw.id,
    names: textsAt(raw, 'names'),
    created: textAt(raw, 'created') ?? '',
    ...given('parent', textAt(raw, 'parent')),
    ...given('compressedDiffDigest', textAt(raw, 'compressed-diff-digest') as Digest | undefined),
    ...given('compressedSize', numberAt(raw, 'compressed-size')),
    ...given('diffDigest', textAt(raw, 'diff-digest') as Digest | undefined),
    ...given('diffSize', numberAt(raw, 'diff-size')),
  };
}

export function imageOf(raw: RawRecord): ImageRecord {
  return {
    id: raw.id,
    names: textsAt(raw, 'names'),
    created: textAt(raw, 'created') ?? '',
    bigDataNames: textsAt(raw, 'big-data-names'),
    ...given('digest', textAt(raw, 'digest') as Digest | undefined),
    ...given('topLayer', textAt(raw, 'layer')),
  };
}

export function containerOf(raw: RawRecord): ContainerRecord {
  return {
    id: raw.id,
    names: textsAt(raw, 'names'),
    imageId: textAt(raw, 'image') ?? '',
    layer: textAt(raw, 'layer') ?? '',
    created: textAt(raw, 'created') ?? '',
    flags: (raw.flags ?? {}) as Readonly<Record<string, unknown>>,
    ...given('metadata', textAt(raw, 'metadata')),
  };
}

/** A half-made layer: whoever sees it with the lock held removes it. */
export function isIncomplete(raw: RawRecord): boolean {
  return (raw.flags as Record<string, unknown> | undefined)?.incomplete === true;
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}

function textAt(raw: RawRecord, key: string): string | undefined {
  const value = raw[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberAt(raw: RawRecord, key: string): number | undefined {
  const value = raw[key];
  return typeof value === 'number' ? value : undefined;
}

export function textsAt(raw: RawRecord, key: string): readonly string[] {
  const value = raw[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
