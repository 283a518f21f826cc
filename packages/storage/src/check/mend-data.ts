// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../atomic-file.ts';
import { bigDataFileName } from '../big-data-name.ts';
import { imageFolder } from '../image-folder.ts';
import { ifThere, makeFolder } from '../paths.ts';
import { checkData, sha256Of } from './check-data.ts';
import type { Fault } from './fault.ts';
import { namesIn, type Survey } from './survey.ts';

/**
 * Restores items of images from others of the same content: the manifest of an image is there twice. The caller holds
 * all locks exclusively.
 */
export async function mendData(
  { paths, images }: Survey,
  isAsked: (fault: Fault) => boolean,
): Promise<readonly string[]> {
  const mended: string[] = [];
  for (const image of images.values()) {
    const folder = imageFolder(paths, image.id);
    const faults = [...checkData('image', dirname(folder), image)];
    const bad = new Set(faults.filter(isAsked).map(({ path }) => path));
    if (bad.size === 0) continue;
    const others = namesIn(folder)
      .map((name) => join(folder, name))
      .filter((path) => !bad.has(path));
    const copies = new Map(
      others.flatMap((path) => {
        const bytes = ifThere(() => readFileSync(path));
        return bytes === undefined ? [] : [[sha256Of(bytes), bytes] as const];
      }),
    );
    for (const key of image.bigDataNames) {
      const path = join(folder, bigDataFileName(key));
      const digest = image.bigDataDigests[key];
      const copy = digest === undefined ? undefined : copies.get(digest);
      if (!bad.has(path) || copy === undefined) continue;
      makeFolder(dirname(path), 0o700);
      await replaceFile(path, copy);
      mended.push(`${path}: restored from a copy`);
    }
  }
  return mended;
}
