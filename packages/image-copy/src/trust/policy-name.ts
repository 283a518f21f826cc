// SPDX-License-Identifier: Apache-2.0
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Policy, PolicyRequirement } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import {
  formatReference,
  isDigest,
  parseFamiliarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '@lading/image-spec';
import { unknownDigest } from '../docker/reference.ts';
import type { StoredImageName } from '../storage/storage-reference.ts';

/** What a policy knows an image by. */
export interface PolicyName {
  readonly transport: string;
  /** Most specific first; the empty one, which every transport has, is not among them. */
  readonly scopes: readonly string[];
  /** The name that signatures are to give to the image; a folder has none. */
  readonly dockerReference: Reference | undefined;
}

/**
 * The name of an image for policies, by the reference of its source.
 *
 * @param location the folder or file that the reference is of, where it is of one; the root of a store
 */
export async function policyName(reference: string, location?: string): Promise<PolicyName> {
  const colon = reference.indexOf(':');
  const transport = reference.slice(0, colon);
  const rest = reference.slice(colon + 1);
  switch (transport) {
    case 'docker': {
      // Signed as `latest` it would be accepted as that.
      if (rest.endsWith(unknownDigest)) return { transport, scopes: [], dockerReference: undefined };
      const image = withDefaultTag(parseFamiliarReference(rest.replace(/^\/\//, '')));
      return { transport, scopes: referenceScopes(image), dockerReference: image };
    }
    case 'docker-daemon': {
      if (isDigest(rest)) return { transport, scopes: [rest], dockerReference: undefined };
      const image = withDefaultTag(parseFamiliarReference(rest));
      return { transport, scopes: referenceScopes(image), dockerReference: image };
    }
    case 'dir':
      return { transport, scopes: await pathScopes(location ?? rest), dockerReference: undefined };
    case 'oci':
    case 'oci-archive': {
      const end = rest.indexOf(':');
      const path = await pathScopes(location ?? (end < 0 ? rest : rest.slice(0, end)));
      const image = end < 0 ? '' : rest.slice(end + 1);
      return { transport, scopes: [`${path[0] ?? '/'}:${image}`, ...path], dockerReference: undefined };
    }
    case 'containers-storage': {
      const { parseStorageReference } = await import('../storage/storage-reference.ts');
      const { image, graphRoot } = parseStorageReference(rest);
      return storageName(image, graphRoot ?? location);
    }
    default:
      return { transport, scopes: [], dockerReference: undefined };
  }
}

/**
 * The name of an image of the local store.
 *
 * @param id the image's, where it is known
 */
export function storageName(
  image: Pick<StoredImageName, 'name' | 'id'>,
  graphRoot: string | undefined,
  id?: string,
): PolicyName {
  const known = id ?? image.id;
  const transport = 'containers-storage';
  const reference = image.name === undefined ? undefined : parseReference(image.name);
  if (graphRoot === undefined) return { transport, scopes: [], dockerReference: reference };
  const store = `[overlay@${graphRoot}]`;
  const names: string[] = [];
  if (reference !== undefined) {
    const { host, repository, tag, digest } = reference;
    names.push(formatReference(reference));
    if (tag !== undefined && digest !== undefined) names.push(`${host}/${repository}:${tag}`);
    const parts = [host, ...repository.split('/')];
    for (let count = parts.length; count > 0; count -= 1) names.push(parts.slice(0, count).join('/'));
  }
  return {
    transport,
    scopes: [
      ...(known === undefined ? [] : [`${store}${names[0] ?? ''}@${known}`]),
      ...names.map((name) => store + name),
      store,
      `[${graphRoot}]`,
    ],
    dockerReference: reference,
  };
}

/** The requirements of the most specific scope, and where in the policy they stand. */
export function requirementsFor(
  policy: Policy,
  { transport, scopes }: PolicyName,
): { readonly scope: string; readonly requirements: readonly PolicyRequirement[] } {
  const table = policy.transports.get(transport);
  if (table === undefined) return { scope: 'default', requirements: policy.default };
  // Without the root of the store its scopes cannot be told, and a wider one must not stand in for them.
  if (
    transport === 'containers-storage' &&
    scopes.length === 0 &&
    [...table.keys()].some((scope) => scope !== '')
  ) {
    throw new LadingError(
      Code.Unimplemented,
      'the policy has scopes of containers-storage, and the root of this store is not known',
      {
        reason: 'UNSUPPORTED',
      },
    );
  }
  for (const scope of [...scopes, '']) {
    const requirements = table.get(scope);
    if (requirements !== undefined) return { scope: `${transport}:${scope}`, requirements };
  }
  return { scope: 'default', requirements: policy.default };
}

/** The image, its repository, the folders above it, its host, and its host's domains as `*.domain`. */
export function referenceScopes(image: Reference): readonly string[] {
  if (image.tag !== undefined && image.digest !== undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `${formatReference(image)} has a tag and a digest, which no policy can name: leave one out`,
      { reason: 'NAME_INVALID' },
    );
  }
  const scopes = [formatReference(image)];
  const parts = [image.host, ...image.repository.split('/')];
  for (let count = parts.length; count > 0; count -= 1) scopes.push(parts.slice(0, count).join('/'));
  const labels = image.host.replace(/:.*$/, '').split('.');
  for (let i = 1; i < labels.length; i += 1) scopes.push(`*.${labels.slice(i).join('.')}`);
  return scopes;
}

/** The path without symbolic links, and the folders above it but the root. */
async function pathScopes(path: string): Promise<readonly string[]> {
  let folder = await resolved(resolve(path));
  const scopes: string[] = [];
  for (; folder !== '/'; folder = dirname(folder)) scopes.push(folder);
  return scopes;
}

async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return path;
    throw LadingError.from(error);
  }
}
