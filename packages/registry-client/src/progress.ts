// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';

/** What happens to a blob; `current` of `total` bytes have passed. */
export interface BlobProgress {
  readonly kind: 'blob';
  readonly digest: Digest;
  readonly state: 'downloading' | 'uploading' | 'done' | 'exists' | 'mounted';
  readonly current: number;
  readonly total: number;
}

/** What has happened to one blob, for those who know which. */
export type ReportBlob = (state: BlobProgress['state'], current: number) => void;

/** Receives progress, in the turn in which it happens: it should be quick. */
export type OnBlobProgress = (event: BlobProgress) => void;
