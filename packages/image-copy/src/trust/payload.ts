// SPDX-License-Identifier: Apache-2.0
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { type Digest, isDigest } from '@lading/image-spec';
import { utf8Text } from './utf8-text.ts';

/** What a signature says about an image. */
export interface SignedClaim {
  readonly digest: Digest;
  readonly dockerReference: string;
}

/** With what a signature says of its making. */
export interface PayloadDetails extends SignedClaim {
  readonly creator: string | undefined;
  /** Seconds since 1970. */
  readonly timestamp: number | undefined;
}

/** The words by which the two kinds of signatures name themselves, so that one never passes for the other. */
export const payloadTypes = {
  simple: 'atomic container signature',
  sigstore: 'cosign container image signature',
} as const;

/**
 * Reads what was signed. The critical part holds exactly the known members: a reader that passes over another would
 * miss a condition of the signer.
 *
 * @throws InvalidArgument (`SIGNATURE_INVALID` or `JSON_INVALID`)
 * @see https://github.com/containers/image/blob/main/docs/containers-signature.5.md
 */
export function parsePayload(bytes: Uint8Array, kind: keyof typeof payloadTypes): SignedClaim {
  const { digest, dockerReference } = parsePayloadDetails(bytes, kind);
  return { digest, dockerReference };
}

/** As {@link parsePayload}, with what no decision is made by. */
export function parsePayloadDetails(bytes: Uint8Array, kind: keyof typeof payloadTypes): PayloadDetails {
  const text = utf8Text(bytes, fault);
  const [critical, optional] = members(parseStrictJson(text, 'the signed text'), 'critical', 'optional');
  const details = kind === 'sigstore' && optional === null ? none : readOptional(optional);
  const [type, image, identity] = members(critical, 'type', 'image', 'identity');
  if (type !== payloadTypes[kind]) throw fault('critical.type is another');
  const [digest] = members(image, 'docker-manifest-digest');
  if (!isDigest(digest)) throw fault('docker-manifest-digest is not a digest');
  const [dockerReference] = members(identity, 'docker-reference');
  if (typeof dockerReference !== 'string') throw fault('docker-reference is not a string');
  return { digest, dockerReference, ...details };
}

const none = { creator: undefined, timestamp: undefined };

/** What is signed about an image, members in the order of other tools. */
export function formatPayload(
  { digest, dockerReference }: SignedClaim,
  kind: keyof typeof payloadTypes,
): Uint8Array {
  const critical = {
    identity: { 'docker-reference': dockerReference },
    image: { 'docker-manifest-digest': digest },
    type: payloadTypes[kind],
  };
  const optional = { creator: 'lading', timestamp: Math.floor(Date.now() / 1000) };
  return Buffer.from(JSON.stringify({ critical, optional }));
}

function readOptional(optional: StrictJson | undefined): Pick<PayloadDetails, 'creator' | 'timestamp'> {
  if (!(optional instanceof Map)) throw fault('optional is not an object');
  const found: ReadonlyMap<string, StrictJson> = optional;
  const creator = found.get('creator') ?? undefined;
  const timestamp = found.get('timestamp') ?? undefined;
  if (creator !== undefined && typeof creator !== 'string') throw fault('optional.creator is not a string');
  if (timestamp !== undefined && (typeof timestamp !== 'number' || !Number.isInteger(timestamp))) {
    throw fault('optional.timestamp is not an integer');
  }
  return { creator, timestamp };
}

function members(
  value: StrictJson | undefined,
  ...names: readonly string[]
): readonly (StrictJson | undefined)[] {
  if (!(value instanceof Map) || value.size !== names.length || !names.every((name) => value.has(name))) {
    throw fault(`an object with exactly ${names.join(', ')} is missing`);
  }
  const found: ReadonlyMap<string, StrictJson> = value;
  return names.map((name) => found.get(name));
}

function fault(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, `the signed text is not that of an image: ${message}`, {
    reason: 'SIGNATURE_INVALID',
  });
}
