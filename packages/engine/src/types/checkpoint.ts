// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from './containers.ts';

export interface CheckpointOptions extends CallOptions {
  /** Path of the archive, an uncompressed tar with the names that checkpointctl reads. What is there is replaced. */
  readonly archive: string;
  /** The runtime is killed when it takes longer. Default: as for all of its calls. */
  readonly timeoutMs?: number | undefined;
}
