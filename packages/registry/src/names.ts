// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestAlgorithm, isDigest } from '@lading/image-spec';
import { specError } from './spec-error.ts';

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const namePattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const longestName = 255;

/**
 * A repository's name, lower-case components between slashes. Names become folders, so this is also what
 * keeps a path in its root: no component begins with a dot or an underscore.
 */
export function checkName(name: string): string {
  if (name.length <= longestName && namePattern.test(name)) return name;
  throw specError('NAME_INVALID', 'the repository name is not valid');
}

/** True for a name that a repository can have. */
export function isName(name: string): boolean {
  return name.length <= longestName && namePattern.test(name);
}

/** True for a tag that a manifest can have. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

export function checkTag(tag: string): string {
  if (tagPattern.test(tag)) return tag;
  throw specError('MANIFEST_INVALID', 'the tag is not valid');
}

/** A digest of an algorithm that this registry can check. */
export function checkDigest(text: string | null | undefined): Digest {
  if (isDigest(text) && (digestAlgorithm(text) === 'sha256' || digestAlgorithm(text) === 'sha512'))
    return text;
  throw specError('DIGEST_INVALID', 'the digest is missing, not valid or of an unsupported algorithm');
}
