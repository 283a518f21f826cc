// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { defaultLimits } from '../limits.ts';
import { shown } from '../tar-header.ts';
import { createContentsReader } from './kept-contents.ts';
import { type ReadRootOptions, type RootLayer, readTree } from './read-root.ts';
import { type Resolved, resolvePath } from './resolve-path.ts';
import { createTreeBudget, type Folder } from './tree.ts';

/** Options of {@link readRootFile}. */
export interface ReadRootFileOptions extends Pick<ReadRootOptions, 'limits' | 'signal'> {
  /** An empty folder, in which the contents of files lie until the end. */
  readonly contentFolder: string;
}

/**
 * The content of one file as a container of some layers sees it. Layers are read from the highest one down, and no
 * further than to the one that has the file. Links are followed, and lead out no more than in a container.
 *
 * @param layers the first lowest
 * @throws LadingError as `readRoot`; `not_found` (`FILE_UNKNOWN`) where the path leads to nothing; `failed_precondition`
 * where it leads to a folder, a device or links in a circle
 */
export async function* readRootFile(
  layers: readonly RootLayer[],
  path: string | Uint8Array,
  options: ReadRootFileOptions,
): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(path);
  const budget = createTreeBudget({ ...defaultLimits, ...options.limits });
  const trees: Folder[] = [];
  let found = resolvePath(bytes.toString('latin1'), trees, layers.length === 0);
  for (const [index, layer] of [...layers.entries()].reverse()) {
    if (found.kind !== 'unknown') break;
    trees.push(await readTree(layer, index, budget, options));
    found = resolvePath(bytes.toString('latin1'), trees, index === 0);
  }
  if (found.kind !== 'inode' || found.inode.type !== 'file') throw noFile(bytes, found);
  await using contents = createContentsReader(options.contentFolder);
  yield* contents.chunks(found.inode);
}

function noFile(path: Buffer, found: Resolved): LadingError {
  const name = shown(path);
  switch (found.kind) {
    case 'inode':
      return unreadable(`${name} is a ${found.inode.type}, not a file`);
    case 'folder':
      return unreadable(`${name} is a folder, not a file`);
    case 'loop':
      return unreadable(`${name} leads through links in a circle`);
    default:
      return new LadingError(Code.NotFound, `there is no file ${name} in the image`, {
        reason: 'FILE_UNKNOWN',
      });
  }
}

function unreadable(message: string): LadingError {
  return new LadingError(Code.FailedPrecondition, message, { reason: 'FILE_TYPE' });
}
