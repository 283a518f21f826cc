// SPDX-License-Identifier: Apache-2.0

/** What happens during a copy, for a caller who shows it. */
export type CopyProgress =
  | {
      readonly kind: 'layer' | 'config';
      /** Digest of the blob. */
      readonly id: string;
      readonly state: 'copying' | 'done' | 'exists' | 'mounted';
      /** Bytes. */
      readonly current: number;
      readonly total: number;
    }
  | {
      readonly kind: 'instance';
      /** Digest of the manifest in the index. */
      readonly id: string;
      readonly state: 'copying';
      /** 1 is the first. */
      readonly current: number;
      readonly total: number;
    }
  | {
      readonly kind: 'manifest' | 'index';
      readonly id: string;
      readonly state: 'writing';
    }
  | {
      readonly kind: 'signatures';
      /** Digest of the manifest or index that they are of. */
      readonly id: string;
      readonly state: 'signing' | 'writing';
    };

/** Receives progress, in the turn in which it happens: it should be quick. */
export type OnCopyProgress = (event: CopyProgress) => void;
