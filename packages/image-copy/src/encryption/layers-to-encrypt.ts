// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Copy } from '../copy-options.ts';

/** The positions of the layers that are to be encrypted. @throws InvalidArgument for one that is not there */
export function layersToEncrypt({ options }: Copy, count: number): ReadonlySet<number> {
  const { encryption } = options;
  if (encryption === undefined) return new Set();
  const { layers = [] } = encryption;
  if (layers.length === 0) return new Set(Array.from({ length: count }, (_, i) => i));
  return new Set(
    layers.map((given) => {
      const position = given < 0 ? count + given : given;
      if (Number.isInteger(position) && position >= 0 && position < count) return position;
      throw new LadingError(
        Code.InvalidArgument,
        `the layer ${given} is to be encrypted, and the image has ${count} layers: 0 is the first, -1 the last`,
      );
    }),
  );
}
