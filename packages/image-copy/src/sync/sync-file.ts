// SPDX-License-Identifier: Apache-2.0
import { invalid, list, map, object, type Rule, record, string } from '@lading/document';
import { Code, LadingError } from '@lading/errors';

/** What a file for `sync` says of one registry. */
export interface SyncRegistry {
  /** The key in the file: a host, with a path where the repositories share one. */
  readonly registry: string;
  /** Tags and digests by repository; none means all tags. */
  readonly images: ReadonlyMap<string, readonly string[]>;
  /** Patterns of tags by repository, in the syntax of Go's regexp. */
  readonly imagesByTagRegex: ReadonlyMap<string, string>;
  /** Constraints on versions by repository, as in `>= 3.14`. */
  readonly imagesBySemver: ReadonlyMap<string, string>;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Undefined: what registries.conf and the caller say. */
  readonly tlsVerify: boolean | undefined;
  readonly certDir: string | undefined;
}

interface Written {
  readonly images?: Readonly<Record<string, readonly string[]>>;
  readonly 'images-by-tag-regex'?: Readonly<Record<string, string>>;
  readonly 'images-by-semver'?: Readonly<Record<string, string>>;
  readonly credentials?: { readonly username?: string; readonly password?: string };
  readonly 'tls-verify'?: boolean;
  readonly 'cert-dir'?: string;
}

/** `repository:` and nothing after it means all tags, as `[]` does. */
const versions: Rule<readonly string[]> = (value, at) => (isNothing(value) ? [] : list(string)(value, at));

/** In YAML without types, where a tag `1.0` stays what it is, words are text. */
const truth: Rule<boolean> = (value, at) => {
  if (typeof value !== 'string' || !/^(?:true|false)$/i.test(value))
    throw invalid(at, 'true or false', value);
  return value.toLowerCase() === 'true';
};

const registry = object<Written>({
  images: map(versions),
  'images-by-tag-regex': map(string),
  'images-by-semver': map(string),
  credentials: object({ username: string, password: string }),
  'tls-verify': truth,
  'cert-dir': string,
});

/**
 * Reads a file that says what to sync, in skopeo's form.
 *
 * @throws LadingError `invalid_argument` naming the path of the fault
 * @see https://github.com/containers/skopeo/blob/main/docs/skopeo-sync.1.md#yaml-file-content-used-source-for---src-yaml
 */
export async function parseSyncFile(text: string): Promise<readonly SyncRegistry[]> {
  const { parse } = await import('yaml'); // seventy modules, which no other command needs
  let value: unknown;
  try {
    value = parse(text, { schema: 'failsafe' });
  } catch (cause) {
    throw new LadingError(
      Code.InvalidArgument,
      `the file is no YAML: ${LadingError.from(cause).message.split('\n')[0]}`,
      { cause },
    );
  }
  if (isNothing(value)) return [];
  return Object.entries(record(value, 'file')).map(([name, entry]) => {
    const at = `file[${JSON.stringify(name.slice(0, 128))}]`;
    return fromFile(name, registry(isNothing(entry) ? {} : withoutEmpty(record(entry, at)), at));
  });
}

/** A member without a value is none. */
function withoutEmpty(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => !isNothing(value)));
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || value === '~' || value === 'null';
}

function fromFile(name: string, written: Written): SyncRegistry {
  const { credentials } = written;
  return {
    registry: name,
    images: new Map(Object.entries(written.images ?? {})),
    imagesByTagRegex: new Map(Object.entries(written['images-by-tag-regex'] ?? {})),
    imagesBySemver: new Map(Object.entries(written['images-by-semver'] ?? {})),
    credentials:
      credentials === undefined
        ? undefined
        : { username: credentials.username ?? '', password: credentials.password ?? '' },
    tlsVerify: written['tls-verify'],
    certDir: written['cert-dir'],
  };
}
