// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { type Copy, fixedBecause, type ImageFormat } from './copy-options.ts';

/** What registries answer to a type of manifest that they do not take; TAG_INVALID is docker/distribution's. */
const rejections: ReadonlySet<string | undefined> = new Set(['MANIFEST_INVALID', 'TAG_INVALID']);

/** True for an answer that another type of manifest may not get. */
function isTypeRejection({ reason, details, message }: LadingError): boolean {
  if (details?.status === 415 || rejections.has(reason)) return details?.side === 'destination';
  // Amazon's registry, of an OCI manifest that does not name its own type.
  return reason === 'UNSUPPORTED' && message.includes('Invalid JSON syntax');
}

/** docker/distribution's answer to schema 1 where that is switched off, which is the default. */
function isServerError({ details }: LadingError): boolean {
  return details?.status === 500 && details.side === 'destination';
}

/** Writes in the first format that the destination does not reject. */
export async function inFirstFormatTaken<T, F extends ImageFormat>(
  copy: Copy,
  formats: readonly F[],
  write: (format: F) => Promise<T>,
): Promise<T> {
  const failures: LadingError[] = [];
  for (const format of formats) {
    try {
      return await write(format);
    } catch (reason) {
      const error = LadingError.from(reason);
      if (!isTypeRejection(error) && !(format === 'v2s1' && isServerError(error))) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first === undefined) throw new TypeError('no format is given');
  const fixed = fixedBecause(copy);
  const tried = failures.map(({ message }) => message).join('; then ');
  throw new LadingError(
    first.code,
    fixed === undefined ? tried : `${first.message}; no other format is tried, as ${fixed}`,
    {
      ...(first.reason === undefined ? {} : { reason: first.reason }),
      details: { ...first.details },
      cause: first,
    },
  );
}
