// SPDX-License-Identifier: Apache-2.0
import type { Code } from '@lading/errors';
import type { LayerLimits } from './limits.ts';

/** What an extraction thread is started with. */
export interface ExtractRequest {
  readonly directory: string;
  readonly whiteouts: 'overlay' | 'remove';
  readonly tarSplit: boolean;
  readonly limits: LayerLimits;
}

export type ToExtractor =
  /** The first `size` bytes of a block that is lent. */
  { readonly type: 'chunk'; readonly bytes: ArrayBuffer; readonly size: number } | { readonly type: 'end' };

export type FromExtractor =
  /** A block is worked off and comes back. */
  | { readonly type: 'taken'; readonly bytes: ArrayBuffer }
  | { readonly type: 'split'; readonly lines: string }
  | { readonly type: 'done'; readonly uids: readonly number[]; readonly gids: readonly number[] }
  | {
      readonly type: 'failed';
      readonly code: Code;
      readonly message: string;
      readonly reason: string | undefined;
    };
