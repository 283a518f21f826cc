// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** Id of this boot of the machine. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
