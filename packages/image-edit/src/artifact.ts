// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, EmptyDescriptor, type Manifest, MediaType } from '@lading/image-spec';

/** What an artifact is made of. */
export interface ArtifactParts {
  /** What kind of artifact it is: `application/spdx+json`. Needed where there is no config. */
  readonly artifactType?: string | undefined;
  /** Default: the empty one. */
  readonly config?: Descriptor | undefined;
  /** Its files, each with its media type, and its name in `org.opencontainers.image.title`. */
  readonly files: readonly Descriptor[];
  /** The manifest that it says something about. */
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * The manifest of an artifact: files kept in a registry as an image is.
 *
 * @throws InvalidArgument without a type and a config
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
 */
export function artifactManifest(parts: ArtifactParts): Manifest {
  const { artifactType, config = EmptyDescriptor, files, subject, annotations } = parts;
  if (artifactType === undefined && config.mediaType === EmptyDescriptor.mediaType) {
    throw new LadingError(Code.InvalidArgument, 'an artifact without a config needs a type; give one');
  }
  return {
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    ...(artifactType === undefined ? {} : { artifactType }),
    config,
    layers: files.length === 0 ? [EmptyDescriptor] : files,
    ...(subject === undefined ? {} : { subject: bare(subject) }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
