// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference, withDefaultTag } from '@lading/image-spec';

/** What `docker-archive:PATH[:NAME[:TAG]|:@INDEX]` names. */
export interface DockerArchiveReference {
  /** Absolute. */
  readonly path: string;
  /** `docker.io/library/busybox:latest`. */
  readonly name: string | undefined;
  /** `docker-archive:PATH:@1`: the second image of the archive. */
  readonly position: number | undefined;
  readonly text: string;
}

/** Reads what follows `docker-archive:`. The path ends at the first colon. */
export function parseDockerArchiveReference(text: string, cwd: string): DockerArchiveReference {
  const colon = text.indexOf(':');
  const path = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? undefined : text.slice(colon + 1);
  if (path === '') throw fault(text, 'write docker-archive:PATH[:NAME[:TAG]|:@INDEX]');
  const shown = { path: resolve(cwd, path), text: `docker-archive:${text}` };
  if (rest === undefined) return { ...shown, name: undefined, position: undefined };
  if (!rest.startsWith('@')) return { ...shown, name: tagged(rest, text), position: undefined };
  const [, position] = /^@(\d{1,9})$/.exec(rest) ?? [];
  if (position === undefined) throw fault(text, 'a position is @0, @1 and so on');
  return { ...shown, name: undefined, position: Number(position) };
}

/** A name with a tag, `latest` where none is given, in its full spelling. @throws InvalidArgument for a digest */
export function tagged(name: string, text: string = name): string {
  const reference = withDefaultTag(parseFamiliarReference(name));
  if (reference.digest === undefined) return formatReference(reference);
  throw fault(text, 'images in an archive have names with tags, not digests');
}

function fault(text: string, hint: string): LadingError {
  return new LadingError(Code.InvalidArgument, `docker-archive:${text.slice(0, 200)}: ${hint}`);
}
