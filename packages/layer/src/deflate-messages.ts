// SPDX-License-Identifier: Apache-2.0
import type { ThreadFailure } from './thread-failure.ts';

/** To the thread: the first `size` bytes of a block that is lent, and memory for what comes of it, if there is some. */
export interface ToDeflater {
  readonly job: number;
  readonly level: number;
  readonly block: ArrayBuffer;
  readonly size: number;
  readonly output: ArrayBuffer | undefined;
}

export type FromDeflater = { readonly job: number } & (
  | /** The block's memory again, and the first `size` bytes of the output. */ {
      readonly type: 'deflated';
      readonly block: ArrayBuffer;
      readonly output: ArrayBuffer;
      readonly size: number;
    }
  | ThreadFailure
);
