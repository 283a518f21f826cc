// SPDX-License-Identifier: Apache-2.0
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { type Digest, isDigest } from '@lading/image-spec';
import { member } from './strict-member.ts';
import { utf8Text } from './utf8-text.ts';

/** What a statement of in-toto says about an image. */
export interface ImageStatement {
  readonly digest: Digest;
  /** Cosign gives none. */
  readonly dockerReference: string | undefined;
}

const statementTypes: readonly (StrictJson | undefined)[] = [
  'https://in-toto.io/Statement/v1',
  'https://in-toto.io/Statement/v0.1',
];
/** Of statements that are signatures. Others tell of an image, such as how it was built, and approve of nothing. */
const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1';

/**
 * Reads the statement by which cosign signs an image.
 *
 * @throws InvalidArgument (`SIGNATURE_INVALID` or `JSON_INVALID`)
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export function parseImageStatement(bytes: Uint8Array): ImageStatement {
  const statement = parseStrictJson(utf8Text(bytes, fault), 'the signed statement');
  if (!statementTypes.includes(member(statement, '_type'))) throw fault('it is no statement of in-toto');
  if (member(statement, 'predicateType') !== signaturePredicate) {
    throw fault(`it is no signature of cosign (${signaturePredicate})`);
  }
  const subjects = member(statement, 'subject');
  const [subject, ...more] = Array.isArray(subjects) ? (subjects as readonly StrictJson[]) : [];
  if (more.length > 0) throw fault('it is about several things');
  const digests = member(subject, 'digest');
  const [entry, ...others] = digests instanceof Map ? [...digests] : [];
  const digest = entry === undefined ? undefined : `${entry[0]}:${String(entry[1])}`;
  if (others.length > 0 || !isDigest(digest)) throw fault('it is not about one digest');
  const name = member(subject, 'name') ?? '';
  if (typeof name !== 'string') throw fault('its name is no text');
  return { digest, dockerReference: name === '' ? undefined : name };
}

function fault(why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `the signed statement is not that of an image: ${why}`, {
    reason: 'SIGNATURE_INVALID',
  });
}
