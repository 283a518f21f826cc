// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { openFields } from './json-fields.ts';
import { type Ledger, openLedger } from './ledger.ts';
import type { Paths } from './paths.ts';
import type { RecordFormat } from './record-json.ts';

/** How often a layer was asked to be mounted. Tools that find no entry here take a mount for a leftover. */
export interface Mountpoint {
  /** Of the layer. */
  readonly id: string;
  readonly path: string;
  readonly count: number;
}

export const mountpointFormat: RecordFormat<Mountpoint> = {
  decode(value, where) {
    const fields = openFields(value, where);
    return { id: fields.id('id'), path: fields.text('path') ?? '', count: fields.integer('count') ?? 0 };
  },
  encode: (entry) => entry,
};

/** The ledger of mounts; its lock is only taken inside that of the layers. */
export function openMountpoints(paths: Paths): Ledger<Mountpoint> {
  return openLedger({
    lockPaths: [join(paths.runLayers, 'mountpoints.lock')],
    files: [{ path: join(paths.runLayers, 'mountpoints.json'), durable: false }],
    format: mountpointFormat,
  });
}

export function otherMountpoints(points: { readonly all: readonly Mountpoint[] }, id: string): Mountpoint[] {
  return points.all.filter((entry) => entry.id !== id);
}
