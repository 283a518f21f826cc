// SPDX-License-Identifier: Apache-2.0

/** Room that is kept for when the disk is full. */
export interface Reserve {
  /** Does what makes room; when the disk is full, once more with what was kept. It can be done again. */
  spend<T>(work: () => Promise<T>): Promise<T>;
}
