// SPDX-License-Identifier: Apache-2.0
import { openThreadRoot } from '@lading/linux';
import type { ExtractRequest } from './extract-messages.ts';
import { createExtractor } from './extractor.ts';
import { createTarParser } from './tar-parser.ts';
import { createTarSplitLines } from './tar-split-lines.ts';
import { isWhiteout, overlayWhiteouts, removingWhiteouts } from './whiteouts.ts';

/** An archive that this thread unpacks. */
export interface ExtractJob extends Disposable {
  push(bytes: Buffer): void;
  /** The archive is complete; gives the owners in it, sorted. */
  end(): { readonly uids: readonly number[]; readonly gids: readonly number[] };
}

/**
 * Begins to unpack an archive. Each step locks the thread into the folder and makes only synchronous calls, which run
 * on this thread and on no other: whatever a symbolic link says, no path leads out.
 *
 * @param onSplit takes lines of tar-split
 */
export function createExtractJob(request: ExtractRequest, onSplit: (lines: string) => void): ExtractJob {
  const root = openThreadRoot(request.directory);
  const whiteouts = request.whiteouts === 'overlay' ? overlayWhiteouts() : removingWhiteouts();
  const split = request.tarSplit ? createTarSplitLines(onSplit) : undefined;
  const extractor = createExtractor(whiteouts);
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
        split?.begin(entry.name, entry.type === 'file' ? entry.size : 0);
        if (!isWhiteout(entry.name)) {
          uids.add(entry.uid);
          gids.add(entry.gid);
        }
        extractor.begin(entry);
      },
      onContent(bytes) {
        split?.content(bytes);
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
    push: (bytes) => root.run(() => parser.push(bytes)),
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
