// SPDX-License-Identifier: Apache-2.0
import type { ResolvedReference } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference, type Reference, withDefaultTag } from '@lading/image-spec';
import type { RegistryContext } from './context.ts';

/** Reads what follows `docker:`. */
export function parseDockerReference(text: string): Reference {
  if (!text.startsWith('//')) {
    throw new LadingError(Code.InvalidArgument, `docker:${text.slice(0, 200)}: write docker://HOST/PATH`);
  }
  return withDefaultTag(parseFamiliarReference(text.slice(2)));
}

export function dockerText(reference: Reference): string {
  return `docker://${formatReference(reference)}`;
}

/** What registries.conf says of a reference. @throws PermissionDenied for a registry that it blocks */
export function resolveReference(reference: Reference, { registries }: RegistryContext): ResolvedReference {
  if (registries === undefined) return { reference, insecure: false, blocked: false, mirrors: [] };
  const resolved = registries.resolve(reference);
  if (!resolved.blocked) return resolved;
  throw new LadingError(
    Code.PermissionDenied,
    `${dockerText(reference)}: registries.conf blocks this registry`,
    {
      reason: 'REGISTRY_BLOCKED',
    },
  );
}

/** What a manifest is asked for by: the digest where both are given. */
export function versionOf({ tag, digest }: Reference): string {
  return digest ?? tag ?? 'latest';
}
