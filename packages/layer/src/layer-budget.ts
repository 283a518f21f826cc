// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { LayerLimits } from './limits.ts';
import type { TarEntry } from './tar-entry.ts';
import { shown } from './tar-header.ts';

/** Counts what a layer unpacks to. Its calls throw `resource_exhausted`, naming the entry */
export interface LayerBudget {
  /** Bytes of the archive, and how many bytes of the compressed stream have come so far. */
  took(sizeBytes: number, compressedBytes: number): void;
  began(entry: TarEntry): void;
}

export function createLayerBudget(limits: LayerLimits): LayerBudget {
  let totalBytes = 0;
  let compressedBytes = 0;
  let current: Buffer | undefined;

  const check = (): void => {
    const at = current === undefined ? 'the layer' : `at ${shown(current)} the layer`;
    if (totalBytes > limits.totalBytes) {
      throw exceeded(
        `${at} unpacks to more than ${limits.totalBytes} bytes; raise limits.totalBytes if that is meant to be`,
      );
    }
    if (totalBytes > limits.ratioFromBytes && totalBytes > limits.ratio * compressedBytes) {
      throw exceeded(
        `${at} unpacks to ${totalBytes} bytes from ${compressedBytes}, more than ${limits.ratio} to one; raise limits.ratio if that is meant to be`,
      );
    }
  };
  return {
    took(sizeBytes, compressedSoFar) {
      totalBytes += sizeBytes;
      compressedBytes = compressedSoFar;
      check();
    },
    began(entry) {
      current = entry.name;
      if (entry.sparse === undefined) return;
      // Holes cost nothing on this disk, but whoever copies the file gets them as bytes.
      totalBytes += entry.sparse.sizeBytes - entry.size;
      check();
    },
  };
}

function exceeded(message: string): LadingError {
  return new LadingError(Code.ResourceExhausted, message, { reason: 'LAYER_LIMIT' });
}
