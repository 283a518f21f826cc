// SPDX-License-Identifier: Apache-2.0

/**
 * Gives each chunk of a source to `use`, until the source ends, `use` returns false, or `stop` settles.
 * A source that is left early is told so but not waited for: a terminal's next key may never come.
 */
export async function feed(
  source: AsyncIterable<Uint8Array>,
  stop: Promise<unknown>,
  use: (chunk: Uint8Array) => Promise<boolean>,
): Promise<'ended' | 'left'> {
  const iterator = source[Symbol.asyncIterator]();
  const stopped = stop.then(
    () => undefined,
    () => undefined,
  );
  let ended = false;
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next === undefined) return 'left';
      ended = next.done === true;
      if (next.done === true) return 'ended';
      if (!(await use(next.value))) return 'left';
    }
  } finally {
    // Nobody is left to whom a failure of the rest would matter.
    if (!ended) void iterator.return?.().catch(() => {});
  }
}
