// SPDX-License-Identifier: Apache-2.0
import {
  constant,
  type DocumentInput,
  object,
  type ParseOptions,
  parseDocument,
  satisfies,
} from '@lading/document';

/**
 * The file `oci-layout` that marks a folder as an image layout.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md#oci-layout-file
 */
export interface ImageLayout {
  /** REQUIRED: the only version there is. */
  readonly imageLayoutVersion: '1.0.0';
}

const imageLayout = object<ImageLayout>({ imageLayoutVersion: constant('1.0.0') }, ['imageLayoutVersion']);

/** True for what {@link parseImageLayout} returns as it is. */
export function isImageLayout(value: unknown): value is ImageLayout {
  return satisfies(imageLayout, value);
}

/** @throws LadingError `invalid_argument` for anything but version 1.0.0 */
export function parseImageLayout(input: DocumentInput, options?: ParseOptions): ImageLayout {
  return parseDocument('oci-layout', imageLayout, input, options);
}
