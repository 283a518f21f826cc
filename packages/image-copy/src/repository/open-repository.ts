// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { parseFamiliarReference } from '@lading/image-spec';
import { unknownDigest } from '../docker/reference.ts';
import type { TransportContext } from '../image-transport.ts';
import { parseTransport } from '../transports.ts';
import type { ImageRepository } from './types.ts';

/** A repository, and the image in it that the reference names, if it names one. */
export interface OpenedRepository extends AsyncDisposable {
  readonly repository: ImageRepository;
  readonly tag: string | undefined;
  /** A digest, else the tag. */
  readonly version: string | undefined;
}

/** Options of {@link openRepository}. */
export interface OpenRepositoryOptions {
  /** What is written goes to the registry that is named, what is read to where registries.conf leads. Default: `read`. */
  readonly use?: 'read' | 'write' | undefined;
}

/**
 * Opens the repository of a `docker://` reference, or the layout of an `oci:` one, for what is not copying an image.
 *
 * @throws InvalidArgument for a reference that is not one; Unimplemented for transports that hold single images
 */
export async function openRepository(
  text: string,
  context: TransportContext = {},
  { use = 'read' }: OpenRepositoryOptions = {},
): Promise<OpenedRepository> {
  const { transport, rest } = parseTransport(text);
  if (transport === 'docker' && rest.startsWith('//')) {
    const { createDockerRepository } = await import('./docker-repository.ts');
    const name = rest.slice(2, rest.endsWith(unknownDigest) ? -unknownDigest.length : undefined);
    const reference = parseFamiliarReference(name);
    return opened(createDockerRepository(reference, context, use), reference.tag, reference.digest);
  }
  if (transport === 'oci') {
    const [{ parseLayoutReference }, { createLayoutRepository }] = await Promise.all([
      import('../oci/layout-path.ts'),
      import('./layout-repository.ts'),
    ]);
    const { cwd = process.cwd(), sharedBlobs } = context;
    const reference = parseLayoutReference(rest, cwd, { sharedBlobs });
    if (reference.position !== undefined) throw unusable(text, 'name the image, not its position');
    const { name, digest } = reference;
    return opened(createLayoutRepository(reference), name, digest);
  }
  throw new LadingError(
    Code.Unimplemented,
    `${JSON.stringify(text.slice(0, 200))}: this works with docker://HOST/PATH and oci:PATH, which hold many images`,
    { reason: 'UNSUPPORTED' },
  );
}

function opened(
  repository: ImageRepository,
  tag: string | undefined,
  digest: string | undefined,
): OpenedRepository {
  return {
    repository,
    tag,
    version: digest ?? tag,
    [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose](),
  };
}

function unusable(text: string, hint: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${text.slice(0, 200)}: ${hint}`);
}
