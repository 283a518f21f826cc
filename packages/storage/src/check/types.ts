// SPDX-License-Identifier: Apache-2.0
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
