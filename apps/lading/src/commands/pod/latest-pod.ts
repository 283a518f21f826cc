// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';

/** The id of the pod that was made last. */
export async function latestPod({ pods }: Engine): Promise<string> {
  const newest = (await pods.list()).toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
  if (newest === undefined) throw new LadingError(Code.NotFound, 'no such pod');
  return newest.id;
}
