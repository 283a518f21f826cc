// SPDX-License-Identifier: Apache-2.0
import type { ImageRecord } from '@lading/storage';

/** Whether a record is that of a list: an index, with neither config nor layers. Images without layers have a config. */
export function isImageList({ topLayer, bigDataNames }: ImageRecord): boolean {
  return topLayer === undefined && !bigDataNames.some((key) => key.startsWith('sha256:'));
}
