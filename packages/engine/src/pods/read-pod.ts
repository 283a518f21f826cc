// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import type { PodRecord } from '../types/pods.ts';

/** @throws NotFound */
export async function readPod(context: Context, id: string): Promise<PodRecord> {
  const pod = await context.pods.get(id);
  if (pod === undefined) {
    throw new LadingError(Code.NotFound, `no pod with name or id "${id}" found`, { reason: 'POD_UNKNOWN' });
  }
  return pod;
}
