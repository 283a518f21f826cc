// SPDX-License-Identifier: Apache-2.0

/** The bytes of a layer. */
export interface LayerSource extends AsyncIterable<Uint8Array> {
  /**
   * Takes a chunk back that its reader is done with, to use its memory again. Where it is missing, chunks are left to
   * the garbage collector, which the buffers of a fast download keep busy.
   */
  recycle?(chunk: Uint8Array): void;
}
