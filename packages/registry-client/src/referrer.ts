// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, digestAlgorithm, digestHex, isDescriptor } from '@lading/image-spec';
import { isRecord } from './errors.ts';

/** A manifest that says something about another one. */
export interface Referrer {
  readonly subject: Digest;
  /** As a list of referrers shows it. */
  readonly descriptor: Descriptor;
}

/**
 * Reads what a list of referrers needs of a manifest. Undefined for a manifest without a subject; whether it
 * is good otherwise is not looked at.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
export function referrerOf(descriptor: Descriptor, bytes: Uint8Array): Referrer | undefined {
  const document = parseRecord(bytes);
  if (document === undefined || !isDescriptor(document.subject)) return undefined;
  const { mediaType, digest, size } = descriptor;
  const config = isRecord(document.config) ? document.config.mediaType : undefined;
  const type = [document.artifactType, config].find((one) => typeof one === 'string' && one !== '');
  // What is no media type would make the whole list one that nobody can read.
  const fits = (shown: object) => isDescriptor({ mediaType, digest, size, ...shown });
  const artifactType = typeof type === 'string' && fits({ artifactType: type }) ? type : undefined;
  const annotations = isRecord(document.annotations)
    ? Object.entries(document.annotations).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      )
    : [];
  return {
    subject: document.subject.digest,
    descriptor: {
      mediaType,
      digest,
      size,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
  };
}

/**
 * The tag under which clients keep the list of a manifest's referrers where the registry keeps none.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
export function referrersTag(digest: Digest): string {
  const parts = [digestAlgorithm(digest).slice(0, 32), digestHex(digest).slice(0, 64)];
  return parts.map((part) => part.replaceAll(/[^A-Za-z0-9._-]/g, '-')).join('-');
}

function parseRecord(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(document) ? document : undefined;
  } catch {
    // What is no JSON names no subject; that it is no manifest either is the registry's to say.
    return undefined;
  }
}
