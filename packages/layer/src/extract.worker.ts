// SPDX-License-Identifier: Apache-2.0
import { parentPort, workerData } from 'node:worker_threads';
import { LadingError } from '@lading/errors';
import { chrootThread } from '@lading/linux';
import type { ExtractRequest, FromExtractor, ToExtractor } from './extract-messages.ts';
import { createExtractor } from './extractor.ts';
import { createTarParser } from './tar-parser.ts';
import { createTarSplitLines } from './tar-split-lines.ts';
import { isWhiteout, overlayWhiteouts, removingWhiteouts } from './whiteouts.ts';

// This thread locks itself into the folder of the layer, and then makes only synchronous calls, which run on it and
// on no other thread: whatever a symbolic link says, no path leads out.

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');
const request = workerData as ExtractRequest;
const send = (message: FromExtractor): void => port.postMessage(message);

const whiteouts = request.whiteouts === 'overlay' ? overlayWhiteouts() : removingWhiteouts();
const split = request.tarSplit ? createTarSplitLines((lines) => send({ type: 'split', lines })) : undefined;
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

function handle(message: ToExtractor): void {
  if (message.type === 'chunk') {
    parser.push(Buffer.from(message.bytes, 0, message.size));
    port?.postMessage({ type: 'taken', bytes: message.bytes } satisfies FromExtractor, [message.bytes]);
    return;
  }
  parser.end();
  extractor.end();
  split?.end();
  const sorted = (ids: ReadonlySet<number>): number[] => [...ids].toSorted((a, b) => a - b);
  send({ type: 'done', uids: sorted(uids), gids: sorted(gids) });
  port?.close();
}

let failed = false;
function guarded(work: () => void): void {
  if (failed) return;
  try {
    work();
  } catch (cause) {
    failed = true;
    const { code, message, reason } = LadingError.from(cause);
    send({ type: 'failed', code, message, reason });
    port?.close();
  }
}

port.on('message', (message: ToExtractor) => guarded(() => handle(message)));
guarded(() => chrootThread(request.directory));
