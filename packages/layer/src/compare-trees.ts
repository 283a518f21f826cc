// SPDX-License-Identifier: Apache-2.0
import type { Finding } from './change.ts';
import type { FoundFile } from './file-entry.ts';
import { createRelinkTest } from './relinked.ts';
import { isSameFile, isSameFolder } from './same-file.ts';
import { checkRoot, findFile, inFolder, namesIn } from './walk-tree.ts';

/** A finding with the file as it is now; there is none when it was deleted. */
export interface TreeFinding extends Finding {
  readonly after: FoundFile | undefined;
}

interface Pair {
  readonly name: Buffer;
  readonly before: FoundFile | undefined;
  readonly after: FoundFile | undefined;
}

export interface CompareOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Files that are as they were, but have got or lost other names, come as modified: a layer that holds a new name
   * of a file must hold the file.
   */
  readonly relinked: boolean;
}

/** What differs between two trees, in the order of bytes, each folder before what is in it. */
export async function* compareTrees(
  before: string,
  after: string,
  { signal, relinked }: CompareOptions,
): AsyncGenerator<TreeFinding> {
  const roots = [Buffer.from(before), Buffer.from(after)] as const;
  for (const root of roots) checkRoot(root);
  const isRelinked = relinked ? createRelinkTest(before, after) : () => false;
  for (const pair of pairsIn(roots[0], roots[1], Buffer.alloc(0))) {
    signal?.throwIfAborted();
    const { name } = pair;
    if (pair.after === undefined) yield { name, kind: 'deleted', after: undefined };
    else if (pair.before === undefined) yield { name, kind: 'added', after: pair.after };
    else {
      const kind = await kindOf(pair.before, pair.after, isRelinked, signal);
      if (kind !== undefined) yield { name, kind, after: pair.after };
    }
  }
}

async function kindOf(
  before: FoundFile,
  after: FoundFile,
  isRelinked: (before: FoundFile, after: FoundFile) => boolean,
  signal: AbortSignal | undefined,
): Promise<'modified' | 'same-folder' | undefined> {
  if (before.stat.isDirectory() && after.stat.isDirectory())
    return isSameFolder(before, after) ? 'same-folder' : 'modified';
  if (isRelinked(before, after)) return 'modified';
  return (await isSameFile(before, after, signal)) ? undefined : 'modified';
}

/** Names of either folder, with what each has there. Below what is a folder now it goes on; not below what was one. */
function* pairsIn(before: Buffer | undefined, after: Buffer, prefix: Buffer): Generator<Pair> {
  const old = before === undefined ? [] : namesIn(before);
  const now = namesIn(after);
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    const order = orderOf(old[i], now[j]);
    const base = (order > 0 ? now[j] : old[i]) ?? prefix;
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    const was = order <= 0 && before !== undefined ? findFile(before, prefix, base) : undefined;
    const is = order >= 0 ? findFile(after, prefix, base) : undefined;
    if (was === undefined && is === undefined) continue;
    if (was !== undefined && is !== undefined && isOneFile(was, is)) continue;
    yield { name: Buffer.concat([prefix, base]), before: was, after: is };
    if (!is?.stat.isDirectory()) continue;
    const folder = was?.stat.isDirectory() ? was.path : undefined;
    yield* pairsIn(folder, is.path, inFolder(is.name, Buffer.alloc(0)));
  }
}

function orderOf(a: Buffer | undefined, b: Buffer | undefined): number {
  if (a === undefined) return 1;
  return b === undefined ? -1 : Buffer.compare(a, b);
}

function isOneFile(was: FoundFile, is: FoundFile): boolean {
  return was.stat.ino === is.stat.ino && was.stat.dev === is.stat.dev;
}
