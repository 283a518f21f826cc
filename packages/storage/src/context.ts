// SPDX-License-Identifier: Apache-2.0
import type { Ledger } from './ledger.ts';
import type { Mountpoint } from './mountpoints.ts';
import type { Paths } from './paths.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from './records.ts';
import type { StorageQuota } from './types.ts';

/** A store of another root that is only read. */
interface ReadOnlyStore {
  readonly paths: Paths;
  readonly layers: Ledger<LayerRecord>;
  readonly images: Ledger<ImageRecord>;
}

/** Which ids are given to containers that have the store choose them. */
interface AutoIds {
  readonly user: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly subUidPath: string;
  readonly subGidPath: string;
}

/** The parts of an open store. */
export interface StoreContext {
  readonly paths: Paths;
  readonly layers: Ledger<LayerRecord>;
  readonly images: Ledger<ImageRecord>;
  readonly containers: Ledger<ContainerRecord>;
  readonly mountpoints: Ledger<Mountpoint>;
  /** In the order in which they are looked through, after this store. */
  readonly readOnlyStores: readonly ReadOnlyStore[];
  readonly mountOptions: readonly string[];
  /** Under which names overlay keeps its marks. */
  readonly overlayXattrs: 'trusted' | 'user';
  /** Whether the flag `Volatile` of a container has a meaning. */
  readonly volatileMounts: boolean;
  /** Whether all containers are volatile. */
  readonly transientStore: boolean;
  /** Whether the records of containers with the flag `Volatile` are apart from those of others. */
  readonly volatileRecords: boolean;
  /** Whether the kernel shows layers with other owners. Else they are copied. */
  readonly mapsLowers: () => Promise<boolean>;
  readonly autoIds: AutoIds;
  /** Whether files stay this process's that it may not give to their owners. */
  readonly ignoreChownErrors: boolean;
  /** Whether the driver's folder is mounted on itself, private. */
  readonly homeMount: boolean;
  /** Whether files of layers may be used for others. */
  readonly partialImages: boolean;
  readonly sync: 'none' | 'filesystem';
  /** How much containers may write. */
  readonly quota: StorageQuota;
  readonly mounts: {
    /** Whether this store has mounted or unmounted something. */
    touched: boolean;
  };
}
