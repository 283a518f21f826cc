// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { familiarReference, formatReference, isDigest, parseFamiliarReference } from '@lading/image-spec';

/** What `docker-daemon:NAME:TAG`, `docker-daemon:NAME@DIGEST` and `docker-daemon:sha256:ID` name. */
export interface DaemonReference {
  /** What the daemon is asked for. */
  readonly wanted: string;
  /** The full name with its tag, for an image that is written. */
  readonly tag: string | undefined;
  readonly text: string;
}

/** Reads what follows `docker-daemon:`. A tag is not filled in: a daemon takes a name alone for all its tags. */
export function parseDaemonReference(text: string): DaemonReference {
  const shown = `docker-daemon:${text}`;
  // `app:1` has the shape of a digest, too.
  if (isDigest(text) && /^sha\d+:/.test(text)) {
    if (!text.startsWith('sha256:')) throw fault(text, 'IDs of images begin with sha256:');
    return { wanted: text, tag: undefined, text: shown };
  }
  const reference = parseFamiliarReference(text);
  const familiar = familiarReference(reference);
  if (familiar.startsWith('sha256:')) throw fault(text, 'the name sha256 is for whole IDs of images');
  if (reference.tag === undefined && reference.digest === undefined) {
    throw fault(text, 'write a tag, as in docker-daemon:busybox:latest');
  }
  if (reference.tag !== undefined && reference.digest !== undefined) {
    throw fault(text, 'write a tag or a digest, not both');
  }
  const tag = reference.tag === undefined ? undefined : formatReference(reference);
  return { wanted: familiar, tag, text: shown };
}

function fault(text: string, hint: string): LadingError {
  return new LadingError(Code.InvalidArgument, `docker-daemon:${text.slice(0, 200)}: ${hint}`);
}
