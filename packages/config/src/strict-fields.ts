// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { StrictJson } from './strict-json.ts';
import { shown } from './text.ts';

/** The members of one object, read by the types that are expected. */
export interface StrictFields {
  string(key: string): string | undefined;
  strings(key: string): readonly string[] | undefined;
  bytes(key: string): Uint8Array | undefined;
  bytesList(key: string): readonly Uint8Array[] | undefined;
  object(key: string, known: readonly string[]): StrictFields | undefined;
  fault(message: string): LadingError;
}

/** @throws InvalidArgument for a value that is no object, and for a key that is not among the known */
export function strictFields(value: StrictJson, where: string, known: readonly string[]): StrictFields {
  function fault(message: string): LadingError {
    return new LadingError(Code.InvalidArgument, `${where}: ${message}`, { reason: 'POLICY_INVALID' });
  }
  if (!(value instanceof Map)) throw fault('expected an object');
  for (const key of value.keys()) if (!known.includes(key)) throw fault(`unknown key ${shown(key)}`);
  const members: ReadonlyMap<string, StrictJson> = value;

  function string(key: string): string | undefined {
    const found = members.get(key);
    // An empty text is the same as none, as for every other reader of these files.
    if (found === undefined || found === null || found === '') return undefined;
    if (typeof found !== 'string') throw fault(`${key}: expected a string`);
    return found;
  }

  function strings(key: string): readonly string[] | undefined {
    const found = members.get(key);
    if (found === undefined || found === null) return undefined;
    if (!isStrings(found)) throw fault(`${key}: expected a list of strings`);
    return found;
  }

  function decode(key: string, text: string | undefined): Uint8Array {
    if (text === undefined) throw fault(`${key}: expected a string`);
    const compact = text.replaceAll(/[\r\n]/g, '');
    const bytes = Buffer.from(compact, 'base64');
    // Node passes over what is not base64, and two readers of such a text may see different keys.
    const same = bytes.toString('base64') === compact;
    if (!same) throw fault(`${key}: it is not base64`);
    return bytes;
  }

  return {
    string,
    strings,
    bytes(key) {
      const found = members.get(key);
      // Unlike an empty path, empty data is data, and no key is in it.
      return found === '' ? new Uint8Array() : found === undefined ? undefined : decode(key, string(key));
    },
    bytesList: (key) => strings(key)?.map((text) => decode(key, text)),
    object(key, inner) {
      const found = members.get(key);
      return found === undefined ? undefined : strictFields(found, `${where}.${key}`, inner);
    },
    fault,
  };
}

function isStrings(value: StrictJson): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
