// SPDX-License-Identifier: Apache-2.0
import type { ContainerRecord, ImageRecord } from '../records.ts';
import type { Fault } from './fault.ts';

/**
 * How much is looked at. `quick`: records, folders, big data, and whether layers can be mounted, as
 * `podman system check --quick`. `digests`: also what each layer's archive adds up to, as `crio check --quick`.
 * `full`: also that each file is what its archive says of it, as `podman system check`.
 */
export type CheckLevel = 'quick' | 'digests' | 'full';

/** Where a check is. */
export interface CheckProgress {
  readonly kind: 'check';
  readonly id: string;
  readonly state: 'layer' | 'image' | 'container';
  /** How many layers, images and containers have been looked at, of `total`. */
  readonly current: number;
  readonly total: number;
}

export interface CheckOptions {
  /** Default `full`. */
  readonly level?: CheckLevel | undefined;
  /** From what age on a layer that no image or container uses is a fault. Default: a day, as with podman. */
  readonly unreferencedAgeMs?: number | undefined;
  readonly onProgress?: ((event: CheckProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RepairOptions extends CheckOptions {
  /** What to repair, of what a check has found. Default: all that a check finds now. */
  readonly faults?: readonly Fault[] | undefined;
  /** Also remove containers that are damaged or whose image is. Default: only images and layers without containers. */
  readonly force?: boolean | undefined;
}

/** What a repair has done. */
export interface RepairReport {
  /** What was put right, in sentences. */
  readonly mended: readonly string[];
  /** What could not be saved, in sentences. */
  readonly lost: readonly string[];
  /** Ids of what was removed because its bytes are gone. */
  readonly removed: {
    readonly containers: readonly string[];
    readonly images: readonly string[];
    readonly layers: readonly string[];
  };
  /**
   * Faults that are left: of what something needs, since containers go with `force` only, and of the folders of what
   * could not be saved, which the next repair removes.
   */
  readonly remaining: readonly Fault[];
}

/** What a garbage collection has removed. */
export interface Garbage {
  readonly paths: readonly string[];
  /** Lengths of the files among them. */
  readonly freedBytes: number;
}

export interface PruneOptions {
  /** Every image of which there is no container. Default: only images without a name on which no other was built. */
  readonly all?: boolean | undefined;
  /** Only images from before this time, as `--filter until=`. */
  readonly createdBefore?: Date | undefined;
  /** Only images for which this gives true, such as those with a label. */
  readonly filter?: ((image: ImageRecord) => boolean | Promise<boolean>) | undefined;
  /** Containers that go with their image instead of keeping it, such as those of another tool. Default: none. */
  readonly goesAlong?: ((container: ContainerRecord) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a prune has deleted. */
export interface Pruned {
  readonly images: readonly ImageRecord[];
  /** Ids of the layers that went with them. */
  readonly layers: readonly string[];
  /** Uncompressed sizes of the layers, and the images' data. */
  readonly freedBytes: number;
}
