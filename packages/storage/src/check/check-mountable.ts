// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { mount, mountByParts, unmount } from '@lading/linux';
import { contentFolders, layerFolder, lowerIds } from '../layer-folder.ts';
import type { Paths } from '../paths.ts';

/** Has the kernel mount a layer read-only where nobody sees it. Gives the reason why that cannot be. */
export function mountFailure(paths: Paths, id: string): string | undefined {
  try {
    const lowers = [id, ...lowerIds(paths, id)].flatMap((layer) => contentFolders(paths, layer));
    // Overlay wants two layers at least; a base layer has a dummy below.
    if (lowers.length === 1) lowers.push(join(layerFolder(paths, id), 'empty'));
    tryMount(paths, lowers);
    return undefined;
  } catch (error) {
    const failure = LadingError.from(error);
    // Of its names for the layers below, which have a fault of their own.
    return failure.reason === 'LAYER_DAMAGED' ? undefined : failure.message;
  }
}

function tryMount(paths: Paths, lowers: readonly string[]): void {
  const canBePart = lowers.every((path) => Buffer.byteLength(path) < 256 && !path.includes(':'));
  try {
    if (!canBePart) throw new LadingError('unimplemented', 'too long a path', { reason: 'EINVAL' });
    mountByParts({
      type: 'overlay',
      attributes: ['readonly'],
      options: lowers.map((path) => ['lowerdir+', path] as const),
    });
  } catch (error) {
    const failure = LadingError.from(error);
    // An older kernel; a real fault shows itself again in the other way.
    if (failure.reason !== 'ENOSYS' && failure.reason !== 'EINVAL') throw failure;
    const data = `lowerdir=${lowers.map(escaped).join(':')}`;
    // More than mount(2) takes: nothing can be said.
    if (Buffer.byteLength(data) > 4095) return;
    const target = mkdtempSync(join(paths.runLayers, 'check-'));
    try {
      mount({ type: 'overlay', target, flags: ['readonly'], data });
      unmount(target, { lazy: true });
    } finally {
      rmdirSync(target);
    }
  }
}

function escaped(path: string): string {
  return path.replaceAll(/[\\:,]/g, '\\$&');
}
