// SPDX-License-Identifier: Apache-2.0
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestHex } from '@lading/image-spec';
import { formatSignatureFile } from '../trust/format-signature.ts';
import { type ImageSignature, maxSignatures, parseSignatureFile } from '../trust/image-signature.ts';
import { member } from '../trust/strict-member.ts';
import type { SignedManifest } from '../types.ts';

/** How the local store keeps signatures: one after the other in one file, their lengths in the image's note. */
export interface SignatureData {
  readonly data: ReadonlyMap<string, Uint8Array>;
  readonly metadata: string;
}

/** The key of the signatures of any manifest of an image; those of its own are under `signatures` too. */
function keyOf({ digest }: Pick<SignedManifest, 'digest'>): string {
  return `signature-${digestHex(digest)}`;
}

export function formatSignatureData(signatures: readonly ImageSignature[], digest: Digest): SignatureData {
  if (signatures.length === 0) return { data: new Map(), metadata: '{}' };
  const files = signatures.map(formatSignatureFile);
  const sizes = files.map((file) => file.length);
  const all = Buffer.concat(files);
  return {
    data: new Map([
      ['signatures', all],
      [keyOf({ digest }), all],
    ]),
    metadata: JSON.stringify({ 'signature-sizes': sizes, 'signatures-sizes': { [digest]: sizes } }),
  };
}

/**
 * Reads the signatures of a manifest of an image of the store.
 *
 * @throws DataLoss when the file is not as long as the note says
 */
export async function readSignatureData(
  metadata: string | undefined,
  { instance }: SignedManifest,
  read: (key: string) => Promise<Uint8Array | undefined>,
): Promise<readonly ImageSignature[]> {
  const sizes = sizesIn(metadata, instance);
  if (sizes.length === 0) return [];
  const bytes = await read(instance === undefined ? 'signatures' : keyOf({ digest: instance }));
  if (bytes?.length !== sizes.reduce((sum, size) => sum + size, 0)) {
    throw new LadingError(
      Code.DataLoss,
      'the signatures in the local store are not complete; pull it again',
      {
        reason: 'SIGNATURE_INVALID',
      },
    );
  }
  let at = 0;
  return sizes.slice(0, maxSignatures).map((size) => {
    at += size;
    return parseSignatureFile(bytes.subarray(at - size, at));
  });
}

/** Notes of other programs are passed over. */
function sizesIn(metadata: string | undefined, instance: Digest | undefined): readonly number[] {
  let note: StrictJson;
  try {
    note = parseStrictJson(metadata || '{}', 'the note of the image');
  } catch (error) {
    if (error instanceof LadingError) return [];
    throw error;
  }
  const found =
    instance === undefined
      ? member(note, 'signature-sizes')
      : member(member(note, 'signatures-sizes'), instance);
  if (!Array.isArray(found)) return [];
  return found.filter((size): size is number => Number.isSafeInteger(size) && size > 0);
}
