// SPDX-License-Identifier: Apache-2.0
import { capabilities } from '@lading/oci-spec';

/** `full`, `none`, or names in their order, for a mask in hex as in `/proc/PID/status`. */
export function capabilityNames(mask: string): string {
  const bits = BigInt(`0x${mask}`);
  if (bits === 0n) return 'none';
  const held = capabilities.filter((_name, bit) => (bits >> BigInt(bit)) % 2n === 1n);
  return held.length === capabilities.length
    ? 'full'
    : held
        .map((name) => name.replace('CAP_', ''))
        .toSorted()
        .join(',');
}
