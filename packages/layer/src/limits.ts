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
  /** Length of the uncompressed archive, holes of sparse files counted. Default 1 TiB. */
  readonly totalBytes: number;
  /**
   * How many bytes the layer may unpack to for each one of its compressed form. Default 1100: gzip cannot do more, so
   * that this is for bombs in the other compressions and in sparse files.
   */
  readonly ratio: number;
  /**
   * Up to so many bytes any ratio is taken: a file of zeros is no attack, and zstd makes almost nothing of it.
   * Default 1 GiB.
   */
  readonly ratioFromBytes: number;
}

export const defaultLimits: LayerLimits = {
  entries: 4_000_000,
  pathBytes: 4096,
  paxBytes: 1 << 20,
  xattrBytes: 64 << 10,
  totalBytes: 2 ** 40,
  ratio: 1100,
  ratioFromBytes: 2 ** 30,
};
