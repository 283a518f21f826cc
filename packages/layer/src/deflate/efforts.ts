// SPDX-License-Identifier: Apache-2.0

/** How hard matches are looked for. */
export interface Effort {
  /** A match this long ends the search. */
  readonly enough: number;
  /** A shorter match waits for a better one a byte later. */
  readonly patience: number;
  /** All places in a shorter match are remembered, of a longer one the last two. */
  readonly remembered: number;
}

export const efforts: readonly Effort[] = [
  { enough: 0, patience: 0, remembered: 8 },
  { enough: 32, patience: 0, remembered: 16 },
  { enough: 32, patience: 8, remembered: 64 },
];
