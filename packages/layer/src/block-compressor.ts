// SPDX-License-Identifier: Apache-2.0

/** Makes deflate of blocks that do not look back on each other. */
export interface BlockCompressor {
  /**
   * Compresses a block, which starts with the memory that it is in; that is used again afterwards, or not by us. What
   * comes back ends on a whole byte and has no last block in it.
   */
  compress(block: Uint8Array<ArrayBuffer>): Promise<CompressedBlock>;
  /** Takes what came back again. */
  recycle(bytes: Uint8Array): void;
  close(): void;
}

export interface CompressedBlock {
  readonly bytes: Uint8Array;
  /** For another block. */
  readonly memory: ArrayBuffer;
}
