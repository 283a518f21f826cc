// SPDX-License-Identifier: Apache-2.0

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
