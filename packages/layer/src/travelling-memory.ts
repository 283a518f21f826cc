// SPDX-License-Identifier: Apache-2.0

/**
 * Memory of chunks that came from another thread and may go to one, instead of a copy: whoever reads them has them for
 * itself until it gives them back. Known by the memory, as chunks pass through many hands.
 */
export const travellingMemory: WeakSet<ArrayBufferLike> = new WeakSet();
