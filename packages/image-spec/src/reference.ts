// SPDX-License-Identifier: Apache-2.0

import { describe } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { type Digest, isDigest } from './digest.ts';

/**
 * Names an image in a registry.
 *
 * @see https://pkg.go.dev/github.com/distribution/reference for the grammar
 */
export interface Reference {
  /** Host, with its port where one is given: `docker.io`, `[::1]:5000`. */
  readonly host: string;
  /** Path in the registry: `library/busybox`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const maxNameLength = 255;
const maxLength = maxNameLength + 1 + 128 + 1 + 256;

// No two alternatives of these begin alike, so matching takes linear time on any input.
const hostGrammar =
  /^(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*|\[[A-Fa-f0-9:]{2,45}\])(?::(\d{1,5}))?$/;
const componentGrammar = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagGrammar = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads `host/path[:tag][@digest]`, nothing filled in. The host must be recognisable as one: it has a dot,
 * a colon or an upper-case letter, or is `localhost`. For what people type see `parseFamiliarReference`.
 *
 * @throws LadingError `invalid_argument`
 */
export function parseReference(text: string): Reference {
  const { name, tag, digest } = splitReference(text);
  const slash = name.indexOf('/');
  if (slash < 0 || !looksLikeHost(name.slice(0, slash))) {
    throw fault(text, 'begin with the host of the registry, as in docker.io/library/busybox');
  }
  return checkedReference(text, name.slice(0, slash), name.slice(slash + 1), tag, digest);
}

/** Cuts a reference into name, tag and digest. */
export function splitReference(text: string): { name: string; tag?: string; digest?: string } {
  if (typeof text !== 'string' || text.length > maxLength) throw fault(text, 'shorten it');
  const at = text.indexOf('@');
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? rest : rest.slice(0, colon),
    ...(colon < 0 ? {} : { tag: rest.slice(colon + 1) }),
    ...(at < 0 ? {} : { digest: text.slice(at + 1) }),
  };
}

/** Whether the first component of a name is a host and not a folder of Docker Hub. */
export function looksLikeHost(component: string): boolean {
  return component === 'localhost' || /[.:A-Z]/.test(component);
}

/** Checks every part; `text` is what errors show. */
export function checkedReference(
  text: string,
  host: string,
  repository: string,
  tag?: string,
  digest?: string,
): Reference {
  const port = hostGrammar.exec(host)?.[1];
  if (!hostGrammar.test(host) || Number(port ?? 0) > 65_535) throw fault(text, 'check the host');
  if (host.length + 1 + repository.length > maxNameLength) {
    throw fault(text, `shorten the name to ${maxNameLength} characters`);
  }
  if (!repository.split('/').every((component) => componentGrammar.test(component))) {
    throw fault(
      text,
      repository === repository.toLowerCase()
        ? 'components are letters and digits with single . _ __ or - between them'
        : 'the repository must be in lower case',
    );
  }
  if (tag !== undefined && !tagGrammar.test(tag)) {
    throw fault(text, 'a tag is up to 128 letters, digits, _ . and -');
  }
  if (digest !== undefined && !isDigest(digest)) {
    throw fault(text, 'a digest is sha256: and 64 lower-case hex digits');
  }
  return {
    host,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

export function fault(text: string, hint: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${describe(text)} is not an image reference: ${hint}`, {
    reason: 'NAME_INVALID',
  });
}

/** `host/path[:tag][@digest]`. */
export function formatReference(reference: Reference): string {
  const { host, repository, tag, digest } = reference;
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Adds the tag `latest` where the reference has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: 'latest' };
}
