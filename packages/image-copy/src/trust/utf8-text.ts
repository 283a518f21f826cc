// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';

/** The text of bytes, byte for byte: a mark of the byte order stays. @throws what `fault` makes of the reason */
export function utf8Text(bytes: Uint8Array, fault: (why: string) => LadingError): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fault('it is not UTF-8');
  }
}
