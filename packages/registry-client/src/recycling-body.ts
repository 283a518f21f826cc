// SPDX-License-Identifier: Apache-2.0
import type { ContentSource } from './image-store.ts';

/** A socket holds 64 KiB that it has not sent yet, and the chunk that went over that. */
const heldBytes = 512 * 1024;
const heldChunks = 4;

/**
 * A body on its way into a socket. undici takes a chunk only when the socket wants more, so of those that it
 * took some time ago nothing is waiting any more, and their memory goes back to where they come from.
 */
export async function* recyclingBody(body: ContentSource): AsyncGenerator<Uint8Array> {
  const given: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    given.push(chunk);
    size += chunk.length;
    yield chunk;
    for (;;) {
      const [oldest] = given;
      if (oldest === undefined || given.length <= heldChunks || size - oldest.length < heldBytes) break;
      given.shift();
      size -= oldest.length;
      body.recycle?.(oldest);
    }
  }
}
