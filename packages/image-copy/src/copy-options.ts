// SPDX-License-Identifier: Apache-2.0

import type { Policy } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import type { Platform } from '@lading/image-spec';
import { formatOf, type ManifestFormat, manifestTypeIn } from './convert.ts';
import type { OnCopyProgress } from './progress.ts';
import type { ImageDestination, ImageSource } from './types.ts';

/** Options of `copyImage`. */
export interface CopyOptions {
  /** Which image of an index; `all` copies every one and the index. Default: that of this machine. */
  readonly platform?: Platform | 'all' | undefined;
  /** The format to write manifests in. Default: the source's, if the destination takes it. */
  readonly format?: ManifestFormat | undefined;
  /** Manifests are written as they are, even where the destination prefers another format. */
  readonly preserveDigests?: boolean | undefined;
  /** How many layers are copied at a time. Default: 6. */
  readonly parallel?: number | undefined;
  /** What the image must fulfil before a layer of it is read; see `loadPolicy`. Default: nothing. */
  readonly policy?: Policy | undefined;
  /** With a policy: an image whose scope asks for no signature is refused. Default: false. */
  readonly requireSigned?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnCopyProgress | undefined;
}

/** What all steps of one copy share. */
export interface Copy {
  readonly source: ImageSource;
  readonly destination: ImageDestination;
  readonly options: CopyOptions;
}

/** The format to write a manifest of this type in. */
export function targetFormat({ destination, options }: Copy, mediaType: string): ManifestFormat {
  const own = formatOf(mediaType);
  if (options.preserveDigests === true) return own;
  if (options.format !== undefined) return options.format;
  const { manifestTypes } = destination;
  if (manifestTypes === undefined || manifestTypes.includes(mediaType)) return own;
  const other: ManifestFormat = own === 'oci' ? 'v2s2' : 'oci';
  if (manifestTypes.includes(manifestTypeIn(other, mediaType))) return other;
  throw new LadingError(Code.Unimplemented, `${destination.reference} does not take ${mediaType}`, {
    reason: 'UNSUPPORTED',
    details: { side: 'destination' },
  });
}
