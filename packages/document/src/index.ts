// SPDX-License-Identifier: Apache-2.0

// For everyone who reads or writes documents.
export type { DocumentInput, ParseOptions } from './document.ts';
export { encodeJson, parseDocument, readJson, remember } from './document.ts';
export { int32, int53, int64, integer, uint8, uint16, uint32, uint53, uint64 } from './integer.ts';
export type { Rule, Rules } from './rule.ts';
// For authors of other document packages.
export {
  anything,
  boolean,
  constant,
  describe,
  emptyObject,
  invalid,
  list,
  map,
  object,
  oneOf,
  pattern,
  record,
  satisfies,
  string,
  strings,
  text,
} from './rule.ts';
