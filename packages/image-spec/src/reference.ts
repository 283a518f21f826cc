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
  /** Path in the registry, in lower case: `library/busybox`. */
  readonly repository: string;
  /** Where both are given, the digest counts and the tag is a note. */
  readonly tag?: string;
  readonly digest?: Digest;
}

/** Of the host with its port, and of the repository: each. Registries refuse longer ones. */
const maxNameLength = 255;
const maxLength = maxNameLength + 1 + maxNameLength + 1 + 128 + 1 + 256;

// No two alternatives of these begin alike, so matching takes linear time on any input.
const hostGrammar =
  /^(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*|\[[A-Fa-f0-9:]+\])(?::\d{1,5})?$/;
/** URLs change numbers and Punycode: a last label that begins with a letter is no number. Ports have a limit. */
const plainHost = /(?:^|\.)[A-Za-z][^.:]*$/;
const componentGrammar = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagGrammar = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads the strict form, `host/path[:tag][@digest]`: nothing is filled in or changed. The host must be
 * recognisable as one: it has a dot, a colon or an upper-case letter, or is `localhost`. For what people type
 * see `parseFamiliarReference`.
 *
 * Host and repository have up to 255 characters each, the tag up to 128.
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
  if (host.length > maxNameLength || repository.length > maxNameLength) {
    throw fault(text, `shorten the host and the repository to ${maxNameLength} characters each`);
  }
  if (!isHost(host)) throw fault(text, 'check the host');
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

/**
 * Whether a URL of the host leads to that very host: URLs take `0x7f.1` for 127.0.0.1, and credentials or
 * rules for the one name would go with the other.
 */
function isHost(host: string): boolean {
  if (!hostGrammar.test(host)) return false;
  // Of the files of short names, with hundreds of hosts, nearly all are such; a URL for each took longer than all else.
  if (plainHost.test(host) && !/xn--/i.test(host)) return true;
  if (!URL.canParse(`https://${host}`)) return false;
  const { hostname } = new URL(`https://${host}`);
  return host.startsWith('[') || hostname === host.replace(/:\d+$/, '').toLowerCase();
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
