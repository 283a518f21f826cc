// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import type { Descriptor } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { createBreaks, mostStalls } from './breaks.ts';
import { unexpectedAnswer } from './errors.ts';
import { headBlob } from './head-blob.ts';
import { isRetryable, throwIfAborted } from './retry.ts';
import { createStreamReader, type StreamedBlob, type StreamReader } from './streamed-blob.ts';
import { bufferedChunkSize, isLost, isSpoiled, resume } from './upload.ts';
import {
  beginUpload,
  cancelUpload,
  finishUpload,
  type OpenUpload,
  sendChunk,
  sendStream,
} from './upload-requests.ts';

const nothing = new Uint8Array();

/**
 * Uploads bytes while they come into being: their digest is said at the end. One request takes them all; after it broke,
 * the rest goes in pieces that say where they belong, and a registry that got bytes twice is started upon anew.
 */
export async function uploadStream(
  access: RepositoryAccess,
  source: () => StreamedBlob,
  onBytes: (sent: number) => void,
  signal: AbortSignal | undefined,
): Promise<Pick<Descriptor, 'digest' | 'size'>> {
  const { session, scope } = access;
  const { attempts = 4 } = session.retry;
  const reader = createStreamReader(source, onBytes);
  let upload: OpenUpload | undefined;
  let restarts = 0;
  const breaks = createBreaks(session.retry);

  async function attempt(): Promise<Pick<Descriptor, 'digest' | 'size'>> {
    let isSent = false;
    if (upload !== undefined) {
      upload = await resume(access, upload, reader.furthest, signal);
      breaks.reached(upload.offset);
    } else {
      upload = await begin(access, signal);
      breaks.restarted();
      if (!session.buffersBodies) {
        upload = await sendStream(
          access,
          upload,
          () => reader.read(0),
          () => reader.furthest,
          signal,
        );
        isSent = upload.offset === reader.furthest;
      }
    }
    if (!isSent) upload = await sendPieces(access, upload, reader, signal);
    const { digest, size } = reader.result();
    await finishUpload(access, upload, digest, nothing, signal);
    upload = undefined;
    return { digest, size };
  }

  try {
    for (;;) {
      throwIfAborted(signal);
      try {
        return await attempt();
      } catch (error) {
        // 416: bytes of a broken request arrived after the registry was asked where to go on.
        if (upload !== undefined && hasCode(error, Code.OutOfRange) && breaks.mayResync()) continue;
        const isOver = isLost(error) || (upload?.resumed === true && isSpoiled(error));
        const isBroken = isRetryable(error);
        if (signal?.aborted || !(isOver || isBroken)) throw error;
        if (isBroken) await breaks.pause(error, signal);
        if (isOver) {
          restarts += 1;
          if (restarts >= attempts) throw error;
          if (upload !== undefined && !isLost(error)) await cancelUpload(access, upload);
          upload = undefined;
          const known = reader.known();
          // The registry may have closed the upload, and only its answer was lost.
          if (known !== undefined && (await headBlob(access, known.digest, scope.push, signal))) return known;
        }
      }
    }
  } finally {
    reader.close();
    if (upload !== undefined) await cancelUpload(access, upload);
  }
}

async function begin(access: RepositoryAccess, signal: AbortSignal | undefined): Promise<OpenUpload> {
  const upload = await beginUpload(access, {}, signal);
  if (upload !== undefined) return upload;
  throw unexpectedAnswer(access.session.host, 'it took a blob that it was not sent');
}

/** The bytes that the registry does not have. Each request is in memory: bytes of a broken one may still be on their way. */
async function sendPieces(
  access: RepositoryAccess,
  begun: OpenUpload,
  reader: StreamReader,
  signal: AbortSignal | undefined,
): Promise<OpenUpload> {
  let upload = begun;
  let stalls = 0;
  const pieceBytes = bufferedChunkSize(access.session, undefined, begun);
  for (;;) {
    const piece = await reader.take(upload.offset, pieceBytes);
    if (piece.length === 0) return upload;
    const { offset } = upload;
    upload = await sendChunk(access, upload, offset + piece.length, piece, signal);
    stalls = upload.offset > offset ? 0 : stalls + 1;
    if (stalls > mostStalls) {
      throw unexpectedAnswer(access.session.host, `it takes no more bytes of a blob after ${offset}`);
    }
  }
}
