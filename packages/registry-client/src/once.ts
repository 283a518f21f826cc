// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';

/** Does the work for a content once, however many manifests name it; all wait for its end. */
export function once(
  done: Map<Digest, Promise<void>>,
  digest: Digest,
  work: () => Promise<void>,
): Promise<void> {
  const known = done.get(digest);
  if (known !== undefined) return known;
  const mine = work();
  done.set(digest, mine);
  return mine;
}

/** Indexes in indexes are rare, and one such level is what is seen. */
const deepest = 8;

/** @throws InvalidArgument for indexes that are nested deeper than anyone's */
export function checkDepth(depth: number, digest: Digest): void {
  if (depth <= deepest) return;
  throw new LadingError(Code.InvalidArgument, `${digest}: indexes are nested deeper than ${deepest} levels`);
}
