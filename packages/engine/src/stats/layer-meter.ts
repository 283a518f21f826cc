// SPDX-License-Identifier: Apache-2.0
import type { Store } from '@lading/storage';
import type { DiskUsage } from '../types/usage.ts';

/** Measures layers, which takes a look at each file, and remembers. */
export interface LayerMeter {
  /** A layer that can change is measured anew now and then, one that cannot is not. @throws NotFound */
  measure(id: string, kind: 'fixed' | 'writable'): Promise<DiskUsage>;
  /** Forgets all layers but these. */
  keep(ids: ReadonlySet<string>): void;
}

const freshMs = 10_000;
/** A layer with many files is measured less often: this share of the time at most goes into it. */
const shareOfTime = 1 / 50;

interface Measured {
  readonly usage: DiskUsage;
  readonly staleAtMs: number;
}

export function createLayerMeter(store: Pick<Store, 'layers'>, now: () => Date): LayerMeter {
  const measured = new Map<string, Measured>();
  const underWay = new Map<string, Promise<DiskUsage>>();

  async function look(id: string): Promise<DiskUsage> {
    const startMs = performance.now();
    try {
      const { bytes, inodes } = await store.layers.usage(id);
      const endMs = performance.now();
      const usage = { time: now().toISOString(), bytes, inodes };
      measured.set(id, { usage, staleAtMs: endMs + Math.max(freshMs, (endMs - startMs) / shareOfTime) });
      return usage;
    } finally {
      underWay.delete(id);
    }
  }

  return {
    async measure(id, kind) {
      const known = measured.get(id);
      if (known !== undefined && (kind === 'fixed' || performance.now() < known.staleAtMs))
        return known.usage;
      // Who asks meanwhile gets the same answer.
      const work = underWay.get(id) ?? look(id);
      underWay.set(id, work);
      return work;
    },
    keep(ids) {
      for (const id of measured.keys()) if (!ids.has(id)) measured.delete(id);
    },
  };
}
