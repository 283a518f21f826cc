// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ImageChanges, NamedChanges } from '@lading/image-edit';
import {
  Annotation,
  formatReference,
  isDigest,
  parseFamiliarReference,
  withDefaultTag,
} from '@lading/image-spec';
import { platformFrom } from './image-repository.ts';
import { keyValues } from './key-values.ts';

/** The changes that the flags of `mutate` ask for. */
export function imageChanges({ flags }: CommandCall): ImageChanges {
  const named = (flag: string): NamedChanges | undefined => {
    const words = flags.strings(flag);
    if (words.length === 0) return undefined;
    return Object.fromEntries(
      Object.entries(keyValues(words)).map(([key, value]) => [key, value === '' ? null : value]),
    );
  };
  const text = (flag: string): string | null | undefined => {
    const value = flags.string(flag);
    return value === '' && flags.given(flag) ? null : value;
  };
  const [toOci, toDocker] = [flags.boolean('to-oci'), flags.boolean('to-docker')];
  if (toOci && toDocker) throw usageError('--to-oci and --to-docker contradict each other');
  const platform = flags.string('set-platform');
  return {
    labels: named('label'),
    env: named('env'),
    entrypoint: words(flags.strings('entrypoint'), 'entrypoint'),
    cmd: words(flags.strings('cmd'), 'cmd'),
    user: text('user'),
    workingDir: text('workdir'),
    exposedPorts: marks(flags.strings('expose').map(withProtocol)),
    volumes: marks(flags.strings('volume')),
    stopSignal: text('stop-signal'),
    created: timeOf(flags.string('created'), 'created'),
    author: text('author'),
    platform: platform === undefined ? undefined : platformFrom(platform),
    annotations: withBase(named('annotation'), flags.string('annotation-base')),
    configAnnotations: named('config-annotation'),
    format: toOci ? 'oci' : toDocker ? 'v2s2' : undefined,
  };
}

/** The name in full, and what it stood for. */
function withBase(annotations: NamedChanges | undefined, base: string | undefined): NamedChanges | undefined {
  if (base === undefined) return annotations;
  const [, name, digest] = /^(?:docker:\/\/)?(.+),([^,]+)$/.exec(base) ?? [];
  if (name === undefined || !isDigest(digest))
    throw usageError(`--annotation-base ${base}: write the name of an image, a comma and its digest`);
  const full = formatReference(withDefaultTag(parseFamiliarReference(name)));
  return { [Annotation.BaseName]: full, [Annotation.BaseDigest]: digest, ...annotations };
}

/** Words one by one, or all in one as JSON; an empty one takes them away. */
function words(given: readonly string[], flag: string): readonly string[] | null | undefined {
  const [first] = given;
  if (first === undefined) return undefined;
  if (given.length > 1 || !first.startsWith('[')) return first === '' && given.length === 1 ? null : given;
  let parsed: unknown;
  try {
    parsed = JSON.parse(first);
  } catch {
    // The message below is for this too.
  }
  if (Array.isArray(parsed) && parsed.every((word) => typeof word === 'string')) return parsed;
  throw usageError(`--${flag} ${first}: write a list of words as JSON, or one word`);
}

function withProtocol(port: string): string {
  const [, number, protocol = 'tcp', minus = ''] =
    /^(\d{1,5}(?:-\d{1,5})?)(?:\/(tcp|udp|sctp))?(-?)$/.exec(port) ?? [];
  if (number === undefined) throw usageError(`"${port}" is no port: write 80, or 53/udp`);
  return `${number}/${protocol}${minus}`;
}

/** What ends in a minus is taken away. */
function marks(given: readonly string[]): Readonly<Record<string, boolean>> | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map((word) => (word.endsWith('-') ? [word.slice(0, -1), false] : [word, true])),
  );
}

/** A time as RFC 3339, or in seconds since 1970; empty takes it away. */
export function timeOf(text: string | undefined, flag: string): Date | null | undefined {
  if (text === undefined) return undefined;
  if (text === '') return null;
  const isSeconds = /^\d{1,12}$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = new Date(isSeconds ? Number(text) * 1000 : isTime ? text : Number.NaN);
  if (time.getTime() >= 0) return time;
  throw usageError(`--${flag} ${text}: write a time as in 2026-01-31T23:59:59Z, or seconds since 1970`);
}
