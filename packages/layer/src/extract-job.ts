// SPDX-License-Identifier: Apache-2.0
import { openThreadRoot, openWalkedRoot } from '@lading/linux';
import type { ExtractRequest } from './extract-messages.ts';
import { createExtractor } from './extractor.ts';
import { createLayerBudget } from './layer-budget.ts';
import { createOwners } from './owners.ts';
import { createTarParser } from './tar-parser.ts';
import { createTarSplitLines } from './tar-split-lines.ts';
import { filePrivileges } from './thread-privileges.ts';
import { isWhiteout, noWhiteouts, overlayWhiteouts, removingWhiteouts } from './whiteouts.ts';

/** Small enough that the memory of one serves again for the next. */
const splitBlockBytes = 64 << 10;

/** An archive that this thread unpacks. */
export interface ExtractJob extends Disposable {
  /** @param compressedBytes bytes of the compressed stream so far */
  push(bytes: Buffer, compressedBytes: number): void;
  /** The archive is complete; gives the owners in it, sorted. */
  end(): { readonly uids: readonly number[]; readonly gids: readonly number[] };
}

/**
 * Begins to unpack an archive. Each step locks the thread into the folder, or has the kernel walk each path inside of
 * it, and makes only synchronous calls, which run on this thread and on no other: whatever a symbolic link says, no
 * path leads out.
 *
 * @param onSplit takes lines of tar-split, in memory that becomes its own
 */
export function createExtractJob(
  request: ExtractRequest,
  onSplit: (lines: Uint8Array<ArrayBuffer>) => void,
): ExtractJob {
  const privileges = filePrivileges();
  const confinement = request.confinement ?? (privileges.mayChroot ? 'chroot' : 'walk');
  const root = (confinement === 'chroot' ? openThreadRoot : openWalkedRoot)(request.directory);
  const owners = createOwners(request);
  const overlayXattrs = request.overlayXattrs ?? (privileges.maySetSystemXattrs ? 'trusted' : 'user');
  const whiteouts = {
    overlay: () => overlayWhiteouts(root, owners, overlayXattrs),
    remove: () => removingWhiteouts(root),
    none: noWhiteouts,
  }[request.whiteouts]();
  const split = request.tarSplit ? createTarSplitLines(splitBlockBytes, onSplit) : undefined;
  const extractor = createExtractor({
    root,
    whiteouts,
    owners,
    privileges,
    replaceKinds: request.replaceKinds,
  });
  const budget = createLayerBudget(request.limits);
  /**
   * Content that cannot be read from the layer afterwards stands in the tar-split file itself: that of a sparse file,
   * whose holes are not in the archive, and of whiteouts and leftovers of AUFS, which are not kept.
   */
  let isContentRaw = false;
  const uids = new Set<number>();
  const gids = new Set<number>();
  const parser = createTarParser(
    {
      onRaw: (bytes) => split?.raw(bytes),
      onGlobalHeader(name) {
        split?.begin(name, 0);
        split?.endEntry();
      },
      onEntry(entry) {
        budget.began(entry);
        const isStored = extractor.begin(entry);
        isContentRaw = entry.sparse !== undefined || !isStored;
        split?.begin(entry.name, isContentRaw ? 0 : entry.size);
        if (isContentRaw) split?.endEntry();
        if (!isWhiteout(entry.name)) {
          uids.add(entry.uid);
          gids.add(entry.gid);
        }
      },
      onContent(bytes) {
        if (isContentRaw) split?.raw(bytes);
        else split?.content(bytes);
        extractor.write(bytes);
      },
      onEntryEnd() {
        split?.endEntry();
        extractor.finish();
      },
    },
    request.limits,
  );
  return {
    push(bytes, compressedBytes) {
      budget.took(bytes.length, compressedBytes);
      root.run(() => parser.push(bytes));
    },
    end() {
      root.run(() => {
        parser.end();
        extractor.end();
      });
      split?.end();
      const sorted = (ids: ReadonlySet<number>): number[] => [...ids].toSorted((a, b) => a - b);
      return { uids: sorted(uids), gids: sorted(gids) };
    },
    [Symbol.dispose]() {
      extractor.close();
      root[Symbol.dispose]();
    },
  };
}
