// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mount, readMounts, unmount } from '@lading/linux';

const overlayMagic = 0x794c7630;

/** The folders of one quickstart, all below one temporary root. */
export interface Roots extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes the temporary root. Overlay does not stack on overlay: where the temporary folder lies on one, as in a
 * container, the root is a tmpfs of its own. At the end everything mounted below is unmounted, deepest first.
 */
export async function makeRoot(): Promise<Roots> {
  const path = await mkdtemp(join(tmpdir(), 'lading-quickstart-'));
  const { type } = await statfs(path);
  if (type === overlayMagic) mount({ source: 'tmpfs', target: path, type: 'tmpfs', data: 'mode=0700' });
  await mkdir(join(path, 'home'));
  return {
    path,
    async [Symbol.asyncDispose]() {
      const below = readMounts().filter(
        (entry) => entry.target === path || entry.target.startsWith(`${path}/`),
      );
      for (const entry of below.toReversed()) unmount(entry.target, { lazy: true });
      await rm(path, { recursive: true, force: true });
    },
  };
}
