// SPDX-License-Identifier: Apache-2.0
import type { BaseRecord } from './records.ts';
import type { RecordEdit } from './types.ts';

/** The record with an edit; flags that are set to undefined are gone. */
export function withEdit<R extends BaseRecord>(record: R, edit: RecordEdit): R {
  const flags = Object.entries({ ...record.flags, ...edit.flags }).filter(([, value]) => value !== undefined);
  return {
    ...record,
    names: edit.names === undefined ? record.names : [...new Set(edit.names)],
    metadata: edit.metadata === undefined ? record.metadata : edit.metadata || undefined,
    flags: Object.fromEntries(flags),
  };
}
