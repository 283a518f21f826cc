// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * Decodes base64 in the one spelling that bytes have; line ends are passed over.
 *
 * @throws InvalidArgument for any other text, of which Node would decode a part
 */
export function decodeBase64(text: string, what: string): Uint8Array {
  const compact = text.replaceAll(/[\r\n]/g, '');
  const bytes = Buffer.from(compact, 'base64');
  if (bytes.toString('base64') === compact) return bytes;
  throw new LadingError(Code.InvalidArgument, `${what} is not base64`, { reason: 'SIGNATURE_INVALID' });
}
