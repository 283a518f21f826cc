// SPDX-License-Identifier: Apache-2.0
import type { ThreadFailure } from './thread-failure.ts';

/** An archive that is put together again. */
export interface ArchiveRequest {
  readonly tarSplitFile: string;
  /** Folders that have its files, the first one that has a file of a name before the others. */
  readonly folders: readonly string[];
}

/** To the thread; `job` tells the archives apart that it puts together side by side. */
export type ToArchiver = { readonly job: number } & (
  | { readonly type: 'open'; readonly request: ArchiveRequest }
  /** One more piece may be sent; the memory of an earlier one, if its reader has given it back. */
  | { readonly type: 'wanted'; readonly bytes: ArrayBuffer | undefined }
  /** The last message of every job. */
  | { readonly type: 'close' }
);

export type FromArchiver = { readonly job: number } & (
  | /** The first `size` bytes of a piece that is lent. */ {
      readonly type: 'piece';
      readonly bytes: ArrayBuffer;
      readonly size: number;
    }
  | /** There is no more. */ { readonly type: 'end' }
  | ThreadFailure
);
