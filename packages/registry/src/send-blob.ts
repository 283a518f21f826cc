// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import type { ByteRange, OpenBlob } from './blob-store.ts';

/**
 * Sends a part of a blob, each piece when the one before has left, so that memory stays bounded however slow
 * the client is.
 */
export async function sendBlob(response: ServerResponse, blob: OpenBlob, range: ByteRange): Promise<void> {
  let giveUp: ((error: Error) => void) | undefined;
  const onClose = () => giveUp?.(clientLeft());
  response.once('close', onClose);
  try {
    for await (const piece of blob.read(range)) {
      await new Promise<void>((resolve, reject) => {
        giveUp = reject;
        if (response.destroyed) reject(clientLeft());
        else response.write(piece, (error) => (error ? reject(clientLeft()) : resolve()));
      });
    }
  } finally {
    response.off('close', onClose);
  }
  response.end();
}

function clientLeft(): Error {
  return Object.assign(new Error('the client closed the connection'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
}
