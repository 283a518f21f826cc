// SPDX-License-Identifier: Apache-2.0
import type { ResolvedReference } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference, type Reference, withDefaultTag } from '@lading/image-spec';
import type { RegistryContext } from './context.ts';

/** Stands after the name of a destination whose image gets no tag, and is found by its digest alone. */
export const unknownDigest = '@@unknown-digest@@';

/** Reads what follows `docker:`. */
export function parseDockerReference(text: string): Reference {
  if (!text.endsWith(unknownDigest)) return withDefaultTag(familiar(text));
  throw new LadingError(
    Code.InvalidArgument,
    `docker:${text.slice(0, 200)} names no image: only a destination is written with ${unknownDigest}`,
    { reason: 'NAME_INVALID' },
  );
}

/** The same for a place to write to, which may do without a tag and a digest. */
export function parseDockerDestination(text: string): Reference {
  if (!text.endsWith(unknownDigest)) return parseDockerReference(text);
  const reference = familiar(text.slice(0, -unknownDigest.length));
  if (reference.tag === undefined && reference.digest === undefined) return reference;
  throw new LadingError(
    Code.InvalidArgument,
    `docker:${text.slice(0, 200)} has a ${reference.digest === undefined ? 'tag' : 'digest'} and ${unknownDigest}: write one of them`,
    { reason: 'NAME_INVALID' },
  );
}

/** The text that a reference was read from. */
export function dockerText(reference: Reference): string {
  const version = reference.tag ?? reference.digest;
  return `docker://${formatReference(reference)}${version === undefined ? unknownDigest : ''}`;
}

/** What registries.conf says of a reference. @throws PermissionDenied for a registry that it blocks */
export function resolveReference(reference: Reference, { registries }: RegistryContext): ResolvedReference {
  if (registries === undefined) return { reference, insecure: false, blocked: false, mirrors: [] };
  const resolved = registries.resolve(reference);
  if (!resolved.blocked) return resolved;
  throw new LadingError(
    Code.PermissionDenied,
    `docker://${formatReference(reference)}: registries.conf blocks this registry`,
    {
      reason: 'REGISTRY_BLOCKED',
    },
  );
}

/** What a manifest is asked for by: the digest where both are given. */
export function versionOf({ tag, digest }: Reference): string {
  return digest ?? tag ?? 'latest';
}

function familiar(text: string): Reference {
  if (text.startsWith('//')) return parseFamiliarReference(text.slice(2));
  throw new LadingError(Code.InvalidArgument, `docker:${text.slice(0, 200)}: write docker://HOST/PATH`);
}
