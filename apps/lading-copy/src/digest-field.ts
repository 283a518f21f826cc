// SPDX-License-Identifier: Apache-2.0
import { type NamedValue, withMethods } from '@lading/go-template';
import { type Digest, digestAlgorithm, digestHex } from '@lading/image-spec';

/** A digest as templates see it: with the methods that it has in Go. */
export function digestField(digest: Digest): NamedValue {
  return withMethods(digest, {
    Algorithm: () => digestAlgorithm(digest),
    Encoded: () => digestHex(digest),
    Hex: () => digestHex(digest),
    String: () => digest,
    Validate: () => null,
  });
}
