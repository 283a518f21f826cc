// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';

type Parent = Record<string, unknown> | unknown[];
type Mutation = (value: unknown) => unknown;

/** Stands for a member that is taken away. */
const nothing = Symbol('nothing');

const ofString: readonly ((text: string) => unknown)[] = [
  (text) => text.slice(1),
  (text) => text.slice(0, -1),
  (text) => `${text}x`,
  (text) => ` ${text}`,
  (text) => `${text}\n`,
  (text) => text + text,
  (text) => text.toUpperCase(),
  (text) => text.replace(/[^A-Za-z0-9]/, '/'),
  (text) => [text],
];
const ofNumber: readonly ((value: number) => unknown)[] = [
  (value) => value + 1,
  (value) => value - 1,
  (value) => -value,
  (value) => value + 0.5,
  (value) => value * 256,
  (value) => value + 2 ** 53,
  (value) => String(value),
];
const ofList: readonly ((items: readonly unknown[]) => unknown)[] = [
  () => [],
  (items) => [...items, ...items],
  (items) => [...items, null],
  (items) => items[0] ?? null,
  (items) => ({ ...items }),
];
const replacements: readonly unknown[] = [null, true, 0, -1, 1.5, '', 'x', [], {}, [null], { x: 1 }];

/**
 * JSON documents with one to three small faults, or additions that are none: a member taken away, renamed or
 * added, a value of another type or off by a little. `names` are those that added members get beside others.
 */
export function mutated(
  documents: fc.Arbitrary<unknown>,
  names: readonly string[] = [],
): fc.Arbitrary<unknown> {
  const name = fc.oneof(fc.constantFrom('x', '', '\n', '__proto__', ...names), fc.string({ maxLength: 6 }));
  const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    fc.constant(() => nothing),
    fc.constantFrom(...replacements).map((value) => () => value),
    { weight: 3, arbitrary: fc.nat().map(nudge) },
    fc.tuple(name, fc.jsonValue({ maxDepth: 1 })).map(([key, value]) => withMember(key, value)),
    fc.tuple(fc.nat(), name).map(([which, key]) => renamed(which, key)),
  );
  const changes = fc.array(fc.tuple(fc.nat(), mutation), { minLength: 1, maxLength: 3 });
  return fc.tuple(documents, changes).map(([document, list]) => {
    const root = [JSON.parse(JSON.stringify(document))];
    for (const [which, change] of list) apply(root, which, change);
    // As text can say it: without -0 and infinities.
    return JSON.parse(JSON.stringify(root[0]));
  });
}

/** A change that fits the type of the value. */
function nudge(which: number): Mutation {
  const pick = <T>(list: readonly T[]): T => list[which % list.length] as T;
  return (value) => {
    if (typeof value === 'string') return pick(ofString)(value);
    if (typeof value === 'number') return pick(ofNumber)(value);
    if (Array.isArray(value)) return pick(ofList)(value);
    return typeof value === 'boolean' ? String(value) : value;
  };
}

function withMember(key: string, member: unknown): Mutation {
  return (value) => (isRecord(value) ? fromEntries([...Object.entries(value), [key, member]]) : value);
}

function renamed(which: number, key: string): Mutation {
  return (value) => {
    if (!isRecord(value)) return value;
    const entries = Object.entries(value);
    return fromEntries(entries.map((entry, i) => (i === which % entries.length ? [key, entry[1]] : entry)));
  };
}

/** Unlike an assignment, this makes a member of `__proto__`. */
function fromEntries(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries);
}

function apply(root: unknown[], which: number, change: Mutation): void {
  const places: [Parent, string | number][] = [];
  collect(root, places);
  const [parent, key] = places[which % places.length] as [Parent, string | number];
  const value = change((parent as Record<string | number, unknown>)[key]);
  // A copy, since the next change is made in place.
  if (value !== nothing) Object.defineProperty(parent, key, { value: structuredClone(value), ...plain });
  else if (Array.isArray(parent)) parent.splice(Number(key), parent === root ? 0 : 1);
  else delete parent[key];
}

const plain = { enumerable: true, writable: true, configurable: true };

function collect(parent: Parent, places: [Parent, string | number][]): void {
  for (const [key, value] of Object.entries(parent)) {
    places.push([parent, key]);
    if (Array.isArray(value) || isRecord(value)) collect(value, places);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
