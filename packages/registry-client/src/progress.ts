// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';

/** What happens to a blob; `current` of `total` bytes have passed. */
export interface BlobProgress {
  readonly kind: 'blob';
  readonly digest: Digest;
  /** `skipped`: a layer that is not for registries; `exists`: it was there before. */
  readonly state: 'downloading' | 'uploading' | 'done' | 'exists' | 'mounted' | 'skipped';
  readonly current: number;
  readonly total: number;
}

/** A manifest or index has come to where it was to go. */
export interface ManifestProgress {
  readonly kind: 'manifest';
  readonly digest: Digest;
  readonly mediaType: string;
  readonly state: 'done';
  readonly current: number;
  readonly total: number;
}

/** Receives the progress of a whole image, in the turn in which it happens: it should be quick. */
export type OnImageProgress = (event: BlobProgress | ManifestProgress) => void;

/** What has happened to one blob, for those who know which. */
export type ReportBlob = (state: BlobProgress['state'], current: number) => void;

/** Receives progress, in the turn in which it happens: it should be quick. */
export type OnBlobProgress = (event: BlobProgress) => void;
