// SPDX-License-Identifier: Apache-2.0

/** Items in lists of a length that fits into a message. */
export async function* inPieces<T>(
  items: AsyncIterable<T>,
  length: number,
): AsyncGenerator<readonly T[], void, void> {
  let piece: T[] = [];
  for await (const item of items) {
    piece.push(item);
    if (piece.length < length) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
