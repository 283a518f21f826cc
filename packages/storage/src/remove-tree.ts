// SPDX-License-Identifier: Apache-2.0
import { type Dirent, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { setImmediate as others } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { ifThere } from './paths.ts';

const slash = Buffer.from('/');
/** So long at a stretch: a trip to the thread pool and back for each file takes longer than to remove it. */
const stretchMs = 4;

/**
 * Removes a folder with all that is in it, or a file; nothing when it is not there. Names are handled as bytes, since
 * images have names that are no UTF-8. Links are removed, not followed, and it stops at a mount instead of emptying it.
 */
export async function removeTree(path: string): Promise<void> {
  const target = Buffer.from(path);
  const top = ifThere(() => lstatSync(target));
  if (top === undefined) return;
  if (!top.isDirectory()) return ifThere(() => unlinkSync(target));
  let until = performance.now() + stretchMs;
  for (const _removed of removals(target, top.dev)) {
    if (performance.now() < until) continue;
    await others();
    until = performance.now() + stretchMs;
  }
}

/** Removes an entry a step. */
function* removals(path: Buffer, device: number): Generator<void, void, void> {
  const entries: Dirent<Buffer>[] =
    ifThere(() => readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) ?? [];
  for (const entry of entries) {
    const inner = Buffer.concat([path, slash, entry.name]);
    if (entry.isDirectory()) {
      const found = ifThere(() => lstatSync(inner));
      if (found === undefined) continue;
      if (found.dev !== device) {
        throw new LadingError(
          Code.FailedPrecondition,
          `${inner} is on another file system; unmount it first`,
        );
      }
      yield* removals(inner, device);
    } else ifThere(() => unlinkSync(inner));
    yield;
  }
  ifThere(() => rmdirSync(path));
}
