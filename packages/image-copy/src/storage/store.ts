// SPDX-License-Identifier: Apache-2.0
import type { Images, Layers } from '@lading/storage';

/** The part of a store that images are copied through; what `openStore()` of `@lading/storage` gives fits. */
export interface ImageStore {
  /** Where it is, which the scopes of a policy begin with. */
  readonly graphRoot?: string | undefined;
  readonly layers: Pick<Layers, 'get' | 'idFor' | 'claim' | 'stage' | 'open' | 'delete' | 'contentFolders'>;
  readonly images: Pick<Images, 'find' | 'list' | 'create' | 'readManifest' | 'bigData' | 'delete'>;
}
