// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { ImageFormat } from '@lading/image-copy';

/** The value of `push --format`. */
export function imageFormat(text: string | undefined): ImageFormat | undefined {
  if (text === undefined || text === 'oci' || text === 'v2s2' || text === 'v2s1') return text;
  if (text === 'docker') return 'v2s2';
  throw usageError(
    `unknown format ${JSON.stringify(text)}. Choose one of the supported formats: 'oci', 'v2s1', or 'v2s2'`,
  );
}
