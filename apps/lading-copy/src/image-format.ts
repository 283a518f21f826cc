// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import type { ImageFormat } from '@lading/image-copy';

/** What `--format` says that manifests become. */
export function formatOf(flags: Flags): ImageFormat | undefined {
  const format = flags.string('format');
  if (format === undefined || format === 'oci' || format === 'v2s1' || format === 'v2s2') return format;
  throw usageError(
    `unknown format "${format}". Choose one of the supported formats: 'oci', 'v2s1', or 'v2s2'`,
  );
}
