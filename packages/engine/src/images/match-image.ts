// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { parseFamiliarReference, type Reference } from '@lading/image-spec';

/** What matching looks at. */
export interface Nameable {
  readonly id: string;
  readonly names?: readonly string[] | undefined;
  readonly digest?: string | undefined;
}

/** Where a name without a host is looked for first. */
const preferred = ['localhost/', 'docker.io/library/', 'docker.io/'];

/**
 * The image that is meant by a full id, a reference, a short name, or a unique prefix of an id.
 * @throws InvalidArgument when it fits several images
 */
export function matchImage<I extends Nameable>(images: readonly I[], ref: string): I | undefined {
  const bare = ref.replace(/^sha256:/, '');
  const exact = images.find(({ id }) => id === bare);
  if (exact !== undefined) return exact;
  const named = byName(images, ref);
  if (named !== undefined) return named;
  const byPrefix = /^[0-9a-f]+$/.test(bare) ? images.filter(({ id }) => id.startsWith(bare)) : [];
  if (byPrefix.length > 1) {
    throw new LadingError(
      Code.InvalidArgument,
      `"${ref}" is the start of ${byPrefix.length} image ids; give more of it`,
    );
  }
  return byPrefix[0];
}

function byName<I extends Nameable>(images: readonly I[], text: string): I | undefined {
  const candidates = candidateNames(text);
  if (candidates === undefined) return undefined;
  const { digest, names, suffix } = candidates;
  if (digest !== undefined) {
    return images.find(
      (image) =>
        image.digest === digest &&
        (image.names ?? []).some((name) =>
          names.some((wanted) => repositoryOf(name) === repositoryOf(wanted)),
        ),
    );
  }
  for (const name of names) {
    const found = images.find((image) => image.names?.includes(name));
    if (found !== undefined) return found;
  }
  if (suffix === undefined) return undefined;
  const matches = images.filter((image) => image.names?.some((name) => name.endsWith(`/${suffix}`)));
  if (matches.length > 1) {
    throw new LadingError(
      Code.InvalidArgument,
      `"${text}" names ${matches.length} images; give the registry too`,
    );
  }
  return matches[0];
}

/** Full names that a text may stand for, best first; undefined when it is no reference. */
function candidateNames(
  text: string,
): { names: readonly string[]; digest?: string; suffix?: string } | undefined {
  let reference: Reference;
  try {
    reference = parseFamiliarReference(text);
  } catch (error) {
    // An id, or no name at all: then it is matched as a prefix of an id, or not.
    if (error instanceof LadingError && error.code === Code.InvalidArgument) return undefined;
    throw error;
  }
  const { digest } = reference;
  const tag = reference.tag ?? 'latest';
  const tail = digest === undefined ? `:${tag}` : '';
  if (!isShort(text)) {
    return { names: [`${reference.host}/${reference.repository}${tail}`], ...(digest && { digest }) };
  }
  const path = text.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  return {
    names: preferred.map((prefix) => `${prefix}${path}${tail}`),
    ...(digest ? { digest } : { suffix: `${path}${tail}` }),
  };
}

/** Whether no registry is named in it. */
export function isShort(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return true;
  const first = text.slice(0, slash);
  return !(first.includes('.') || first.includes(':') || first === 'localhost');
}

/** `host/path` of a full name. */
export function repositoryOf(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
