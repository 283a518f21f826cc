// SPDX-License-Identifier: Apache-2.0
import { type Digest, type DigestAlgorithm, digestAlgorithm, isDigest } from '@lading/image-spec';
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

/** True for what can be a tag. */
export function isTag(tag: string): boolean {
  return tagPattern.test(tag);
}

export function checkTag(tag: string): string {
  if (isTag(tag)) return tag;
  throw specError('MANIFEST_INVALID', 'the tag is not valid');
}

/** A digest of an algorithm that this registry can check. */
export function checkDigest(text: string | null | undefined): Digest {
  if (isDigest(text) && isAlgorithm(digestAlgorithm(text))) return text;
  throw specError('DIGEST_INVALID', 'the digest is missing, not valid or of an unsupported algorithm');
}

export function checkAlgorithm(name: string): DigestAlgorithm {
  if (isAlgorithm(name)) return name;
  throw specError('DIGEST_INVALID', 'the digest algorithm is not supported: use sha256 or sha512');
}

function isAlgorithm(name: string): name is DigestAlgorithm {
  return name === 'sha256' || name === 'sha512';
}
