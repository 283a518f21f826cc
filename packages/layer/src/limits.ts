// SPDX-License-Identifier: Apache-2.0

/** How much of everything a layer may have before it is refused. */
export interface LayerLimits {
  /** Entries of the archive. Default 4 million: ten times the largest images seen. */
  readonly entries: number;
  /** Length of a name or link target. Default 4096, the kernel's PATH_MAX. */
  readonly pathBytes: number;
  /** Length of all pax records of one entry. Default 1 MiB. */
  readonly paxBytes: number;
  /** Length of one extended attribute. Default 64 KiB, the kernel's own limit. */
  readonly xattrBytes: number;
  /** Length of the uncompressed archive. Default 1 TiB. */
  readonly totalBytes: number;
}

export const defaultLimits: LayerLimits = {
  entries: 4_000_000,
  pathBytes: 4096,
  paxBytes: 1 << 20,
  xattrBytes: 64 << 10,
  totalBytes: 2 ** 40,
};
