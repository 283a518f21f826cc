// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from '@lading/layer';

/**
 * The chunks of a source that is only known once it is read: `read` passes it to `relay`, so that chunks which are given
 * back reach it.
 */
export function relaySource(
  read: (relay: (source: LayerSource) => LayerSource) => AsyncGenerator<Uint8Array>,
): LayerSource {
  let source: LayerSource | undefined;
  const chunks = read((found) => {
    source = found;
    return found;
  });
  return Object.assign(chunks, { recycle: (chunk: Uint8Array) => source?.recycle?.(chunk) });
}
