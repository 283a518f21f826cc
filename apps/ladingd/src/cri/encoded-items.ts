// SPDX-License-Identifier: Apache-2.0
import type { EncodedMessage } from '@lading/cri-api';

/**
 * Items of lists in bytes. The engine gives the same object for as long as nothing of a container or pod has changed, so
 * each is encoded once; the bytes go with the object. `kept` is a part of it.
 */
export function encodedItems<Info extends object, Kept, Item>(
  encode: (info: Info, kept: Kept) => EncodedMessage<Item>,
): (info: Info, kept: Kept) => EncodedMessage<Item> {
  const known = new WeakMap<Info, EncodedMessage<Item>>();
  return (info, kept) => {
    const before = known.get(info);
    if (before !== undefined) return before;
    const item = encode(info, kept);
    known.set(info, item);
    return item;
  };
}
