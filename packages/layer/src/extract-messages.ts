// SPDX-License-Identifier: Apache-2.0
import type { IdMapping } from './id-map.ts';
import type { LayerLimits } from './limits.ts';
import type { OverlayXattrs } from './overlay-marks.ts';
import type { ThreadFailure } from './thread-failure.ts';

/** What an extraction is begun with. */
export interface ExtractRequest {
  readonly directory: string;
  readonly whiteouts: 'overlay' | 'remove' | 'none';
  readonly replaceKinds: boolean;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly tarSplit: boolean;
  readonly limits: LayerLimits;
  /** Without: by what the process may do. */
  readonly confinement: 'chroot' | 'walk' | undefined;
  readonly overlayXattrs: OverlayXattrs | undefined;
  readonly uidMap: readonly IdMapping[] | undefined;
  readonly gidMap: readonly IdMapping[] | undefined;
  readonly ignoreChownErrors: boolean;
}

/** To the extraction thread; `job` tells the archives apart that it unpacks side by side. */
export type ToExtractor = { readonly job: number } & (
  | { readonly type: 'begin'; readonly request: ExtractRequest }
  /** The first `size` bytes of a block that is lent, and how many bytes of the compressed stream have come so far. */
  | {
      readonly type: 'chunk';
      readonly bytes: ArrayBuffer;
      readonly size: number;
      readonly compressedBytes: number;
    }
  | { readonly type: 'end' }
  /** The last message of every job, also of one that is not complete. */
  | { readonly type: 'close' }
);

export type FromExtractor = { readonly job: number } & (
  | /** A block is worked off and comes back. */ { readonly type: 'taken'; readonly bytes: ArrayBuffer }
  | { readonly type: 'split'; readonly lines: Uint8Array<ArrayBuffer> }
  | { readonly type: 'done'; readonly uids: readonly number[]; readonly gids: readonly number[] }
  | ThreadFailure
  /** Nothing is written any more. */
  | { readonly type: 'closed' }
);
