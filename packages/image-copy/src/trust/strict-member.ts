// SPDX-License-Identifier: Apache-2.0
import type { StrictJson } from '@lading/config';

/** A member of an object; undefined where there is none, or no object. */
export function member(value: StrictJson | undefined, name: string): StrictJson | undefined {
  return value instanceof Map ? value.get(name) : undefined;
}
