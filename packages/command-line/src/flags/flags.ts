// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { FlagSpec } from '../spec.ts';
import { type FlagValue, parseValue } from './parse-value.ts';

/** The flags of one call. Asking for a flag that the command does not declare is a mistake of the program. */
export interface Flags {
  /** True when the command declares it: for code that commands share, but not all of their flags. */
  has(name: string): boolean;
  /** True when the flag is on the command line. */
  given(name: string): boolean;
  boolean(name: string): boolean;
  /** Undefined when neither given nor defaulted. */
  string(name: string): string | undefined;
  /** `strings` and `stringSlice`: all values in order. */
  strings(name: string): readonly string[];
  /** `int`, `uint`, `float` and `count`. */
  number(name: string): number | undefined;
  int(name: string): number | undefined;
  durationMs(name: string): number | undefined;
}

/** The flags that were parsed, over their defaults. */
export function createFlags(specs: Iterable<FlagSpec>, given: ReadonlyMap<string, FlagValue>): Flags {
  const byName = new Map([...specs].map((spec) => [spec.name, spec]));
  const value = (name: string, kinds: readonly FlagSpec['kind'][]): FlagValue | undefined => {
    const spec = byName.get(name);
    if (spec === undefined || !kinds.includes(spec.kind)) {
      throw new LadingError(Code.Internal, `the command declares no ${kinds[0]} flag --${name}`);
    }
    return given.get(name) ?? defaultOf(spec);
  };
  const number = (name: string): number | undefined => {
    const found = value(name, ['int', 'uint', 'float', 'count']);
    return typeof found === 'number' ? found : undefined;
  };
  return {
    has: (name) => byName.has(name),
    given: (name) => given.has(name),
    boolean: (name) => value(name, ['boolean']) === true,
    string: (name) => {
      const found = value(name, ['string']);
      return typeof found === 'string' ? found : undefined;
    },
    strings: (name) => {
      const found = value(name, ['strings', 'stringSlice']);
      return Array.isArray(found) ? found : [];
    },
    number,
    int: number,
    durationMs: (name) => {
      const found = value(name, ['duration']);
      return typeof found === 'number' ? found : undefined;
    },
  };
}

function defaultOf(spec: FlagSpec): FlagValue | undefined {
  if (spec.kind !== 'duration' || typeof spec.default !== 'string') return spec.default;
  const parsed = parseValue('duration', spec.default);
  return 'value' in parsed ? parsed.value : undefined;
}
