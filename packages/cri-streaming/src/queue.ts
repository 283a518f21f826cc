// SPDX-License-Identifier: Apache-2.0

/** Values between one who gives and one who takes, with a measure of what waits. */
export interface Queue<T> extends AsyncIterable<T> {
  /** What comes after the end, or after the taker has left, is dropped. */
  push(value: T): void;
  /** The taker still gets what waits. */
  end(): void;
  readonly isFull: boolean;
  /** Resolves when little enough waits, or nobody will take it any more. */
  room(): Promise<void>;
}

/** For one taker. Holds everything pushed: whoever pushes without end must wait for room. */
export function createQueue<T>(limit: number, sizeOf: (value: T) => number): Queue<T> {
  const values: T[] = [];
  let size = 0;
  let over = false;
  let wakeTaker = (): void => {};
  let wakeGivers: (() => void)[] = [];
  const hasRoom = (): boolean => over || size < limit;

  function release(): void {
    if (!hasRoom()) return;
    for (const wake of wakeGivers) wake();
    wakeGivers = [];
  }

  function end(): void {
    over = true;
    wakeTaker();
    release();
  }

  async function* take(): AsyncGenerator<T> {
    try {
      for (;;) {
        const value = values.shift();
        if (value !== undefined) {
          size -= sizeOf(value);
          release();
          yield value;
        } else if (over) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wakeTaker = resolve;
          });
        }
      }
    } finally {
      values.length = 0;
      end();
    }
  }

  return {
    push(value) {
      if (over) return;
      values.push(value);
      size += sizeOf(value);
      wakeTaker();
    },
    end,
    get isFull() {
      return !hasRoom();
    },
    room: () =>
      hasRoom()
        ? Promise.resolve()
        : new Promise((resolve) => {
            wakeGivers.push(resolve);
          }),
    [Symbol.asyncIterator]: take,
  };
}

const bytesThatWait = 1 << 20;

export function createByteQueue(): Queue<Uint8Array> {
  return createQueue<Uint8Array>(bytesThatWait, (chunk) => chunk.length);
}
