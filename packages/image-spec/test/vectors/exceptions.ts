// SPDX-License-Identifier: Apache-2.0

/**
 * Where the parsers and the OCI's schemas differ, each for a reason that the table in the README gives under
 * the same name. The parser must say of a document what the schema says of what `lenient` makes of it, unless
 * one of `strict` is true of it, and then it must refuse it.
 */

type Json = unknown;
type Members = Readonly<Record<string, Json>>;

interface Exceptions {
  readonly lenient: readonly ((document: Json) => Json)[];
  readonly strict: Readonly<Record<string, (document: Json) => boolean>>;
}

/** What the parser must say of the document, given what the schema says. */
export function expected(
  document: Json,
  schema: (document: Json) => boolean,
  exceptions: Exceptions,
): boolean {
  const judged = exceptions.lenient.reduce((value, change) => change(value), document);
  return schema(judged) && !Object.values(exceptions.strict).some((refuses) => refuses(document));
}

export function isObject(value: Json): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An optional member that is null counts as absent. */
export function withoutNull(...names: readonly string[]): (value: Json) => Json {
  return (value) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value).filter(([name, member]) => member !== null || !names.includes(name)),
        )
      : value;
}

/** A change of one member, or of each item where the member is a list of them. */
export function within(name: string, change: (value: Json) => Json): (value: Json) => Json {
  return (value) => {
    if (!isObject(value) || !Object.hasOwn(value, name)) return value;
    const member = value[name];
    return { ...value, [name]: Array.isArray(member) ? member.map(change) : change(member) };
  };
}

/** A list that is null counts as empty. */
export function emptyForNull(name: string): (value: Json) => Json {
  return (value) => (isObject(value) && value[name] === null ? { ...value, [name]: [] } : value);
}

/** A list that is null or absent counts as empty. */
export function emptyForNone(name: string): (value: Json) => Json {
  return (value) => emptyForNull(name)(isObject(value) ? { [name]: null, ...value } : value);
}

/** The member of an object; undefined of anything else. */
export function memberOf(value: Json, name: string): Json {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The items of a member that is a list. */
export function itemsOf(value: Json, name: string): readonly Json[] {
  const member = memberOf(value, name);
  return Array.isArray(member) ? member : [];
}

/** A member whose name is that of a known or foreign one but for its case. */
export function lookAlike(value: Json, known: readonly string[], foreign: readonly string[] = []): boolean {
  if (!isObject(value)) return false;
  const all = [...known, ...foreign].map((name) => name.toLowerCase());
  return Object.keys(value).some(
    (name) => !known.includes(name) && value[name] !== null && all.includes(name.toLowerCase()),
  );
}

/** A map whose schema, `.{1,}`, does not reach a key that is empty or nothing but line breaks. */
export function unreachedValue(value: Json, test: (member: Json) => boolean): boolean {
  return (
    isObject(value) &&
    Object.entries(value).some(([key, member]) => /^[\n\r\u2028\u2029]*$/.test(key) && !test(member))
  );
}
