// SPDX-License-Identifier: Apache-2.0

/**
 * The annotation keys that the specification defines.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md
 */
export const Annotation = {
  /** When the image was built, RFC 3339. */
  Created: 'org.opencontainers.image.created',
  Authors: 'org.opencontainers.image.authors',
  Url: 'org.opencontainers.image.url',
  Documentation: 'org.opencontainers.image.documentation',
  Source: 'org.opencontainers.image.source',
  Version: 'org.opencontainers.image.version',
  /** Revision in source control. */
  Revision: 'org.opencontainers.image.revision',
  Vendor: 'org.opencontainers.image.vendor',
  /** SPDX licence expression. */
  Licenses: 'org.opencontainers.image.licenses',
  /** Name of a manifest in the index.json of a layout: its tag, as a rule. */
  RefName: 'org.opencontainers.image.ref.name',
  Title: 'org.opencontainers.image.title',
  Description: 'org.opencontainers.image.description',
  BaseDigest: 'org.opencontainers.image.base.digest',
  BaseName: 'org.opencontainers.image.base.name',
} as const;
