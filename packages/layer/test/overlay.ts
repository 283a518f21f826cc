// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mount, unmount } from '@lading/linux';

/** A real overlay, in a tmpfs: what Debian's containers have their changes in. */
export interface Overlay {
  /** The nearest first. */
  readonly lowers: readonly string[];
  readonly upper: string;
  /** A folder for what else a test makes. */
  readonly work: string;
  /** Mounts it, does something with the merged tree, and unmounts it. */
  merged<T>(use: (merged: string) => T): T;
  [Symbol.dispose](): void;
}

export function makeOverlay(layers: number, options = ''): Overlay {
  const root = mkdtempSync(join(tmpdir(), 'lading-overlay-'));
  mount({ type: 'tmpfs', target: root });
  const folder = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const lowers = Array.from({ length: layers }, (_, i) => folder(`lower${layers - i}`));
  const [upper, inner, target] = [folder('upper'), folder('inner'), folder('merged')];
  return {
    lowers,
    upper,
    work: folder('work'),
    merged(use) {
      const data = `lowerdir=${lowers.join(':')},upperdir=${upper},workdir=${inner}${options}`;
      mount({ type: 'overlay', target, data });
      try {
        return use(target);
      } finally {
        unmount(target);
      }
    },
    [Symbol.dispose]() {
      unmount(root);
      rmSync(root, { recursive: true });
    },
  };
}
