// SPDX-License-Identifier: Apache-2.0

import {
  type DocumentInput,
  integer,
  invalid,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  type Rule,
  satisfies,
  string,
} from '@lading/document';
import { type Digest, digest, parseDigest } from './digest.ts';
import { digestBytes } from './digest-bytes.ts';
import { MediaType, mediaType } from './media-type.ts';
import { type Platform, platform } from './platform.ts';
import { verifyBytes } from './verify-bytes.ts';

/**
 * Points at content by type, digest and size.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
export interface Descriptor {
  /** REQUIRED. Media type of the content, RFC 6838. */
  readonly mediaType: string;
  /** REQUIRED. Digest of the content; verify it before use. */
  readonly digest: Digest;
  /** REQUIRED. Size of the content in bytes; stop reading there. */
  readonly size: number;
  /** Other places to fetch the content from. Hostile input: do not follow unasked. */
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The content itself in base64; see {@link embeddedData}. */
  readonly data?: string;
  /** In an index: what the image runs on. */
  readonly platform?: Platform;
  /** Kind of the artifact that the content is a manifest of. */
  readonly artifactType?: string;
}

const fields: Rule<Descriptor> = object<Descriptor>(
  {
    mediaType,
    digest,
    size: integer(0),
    urls: list(string),
    annotations: map(string),
    data: string,
    platform,
    artifactType: mediaType,
  },
  ['mediaType', 'digest', 'size'],
);

export const descriptor: Rule<Descriptor> = (value, at) => {
  const checked = fields(value, at);
  if (checked.data !== undefined && base64Size(checked.data) !== checked.size) {
    throw invalid(`${at}.data`, `base64 of ${checked.size} bytes, as size says`, checked.data);
  }
  return checked;
};

export function isDescriptor(value: unknown): value is Descriptor {
  return satisfies(descriptor, value);
}

/** @throws LadingError `invalid_argument` naming the path of the fault */
export function parseDescriptor(input: DocumentInput, options?: ParseOptions): Descriptor {
  return parseDocument('descriptor', descriptor, input, options);
}

/** The descriptor of bytes that are at hand. */
export async function descriptorOf(
  mediaType: string,
  bytes: Uint8Array,
  extra: Omit<Partial<Descriptor>, 'mediaType' | 'digest' | 'size'> = {},
): Promise<Descriptor> {
  return { mediaType, digest: await digestBytes(bytes), size: bytes.length, ...extra };
}

/**
 * The content that a descriptor carries in `data`, verified against its digest; undefined where it carries
 * none.
 *
 * @throws LadingError `data_loss` when the digest does not match
 */
export async function embeddedData(descriptor: Descriptor): Promise<Uint8Array | undefined> {
  const { data, size } = descriptor;
  if (data === undefined) return undefined;
  if (base64Size(data) !== size) throw invalid('data', `base64 of ${size} bytes`, data);
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  await verifyBytes(bytes, descriptor);
  return bytes;
}

/** Number of bytes that padded base64 stands for; -1 for other text. */
function base64Size(data: string): number {
  if (data.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(data)) return -1;
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return (data.length / 4) * 3 - padding;
}

/** Stands where a manifest must name a config or layer and there is none: the two bytes `{}`. */
export const EmptyDescriptor: Descriptor = {
  mediaType: MediaType.Empty,
  digest: parseDigest('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'),
  size: 2,
  data: 'e30=',
};
