// SPDX-License-Identifier: Apache-2.0
import type { Store } from '@lading/storage';

/** Where a store writes. */
export type StoreRoots = Pick<Store, 'graphRoot' | 'runRoot' | 'imageStore'>;

/** Room that is kept for when the disk is full. */
export interface Reserve {
  /** Does what makes room; when the disk is full, once more with what was kept. It can be done again. */
  spend<T>(work: () => Promise<T>): Promise<T>;
}
