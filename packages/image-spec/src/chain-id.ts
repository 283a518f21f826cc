// SPDX-License-Identifier: Apache-2.0
import type { Digest } from './digest.ts';
import { digestBytes } from './digest-bytes.ts';

/**
 * One ChainID a layer: the name of that layer together with all below it. The first is its DiffID.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#layer-chainid
 */
export async function chainIds(diffIds: readonly Digest[]): Promise<Digest[]> {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(
      below === undefined ? diffId : await digestBytes(new TextEncoder().encode(`${below} ${diffId}`)),
    );
  }
  return chain;
}
