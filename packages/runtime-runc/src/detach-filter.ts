// SPDX-License-Identifier: Apache-2.0

/** Looks for the detach keys in what a client types. */
export interface DetachFilter {
  /** What may be passed on now, and whether the keys are complete; what follows them is dropped. */
  push(chunk: Uint8Array): { readonly pass: Uint8Array; readonly detached: boolean };
  /** What was held back as a possible beginning of the keys, for the end of the input. */
  rest(): Uint8Array;
}

/** A key that might begin the sequence is held back until the next one tells. An empty sequence is never found. */
export function createDetachFilter(sequence: Uint8Array): DetachFilter {
  let matched = 0;
  return {
    push(chunk) {
      const [first] = sequence;
      // Nearly always, and worth it: what is piped in may be gigabytes.
      if (first === undefined || (matched === 0 && !chunk.includes(first))) {
        return { pass: chunk, detached: false };
      }
      const pass: number[] = [];
      for (const byte of chunk) {
        // A mismatch lets go of as few held keys as possible: their tail may begin the sequence again.
        while (matched > 0 && byte !== sequence[matched]) {
          const shorter = longestBorder(sequence, matched);
          pass.push(...sequence.subarray(0, matched - shorter));
          matched = shorter;
        }
        if (byte !== sequence[matched]) pass.push(byte);
        else if (++matched === sequence.length) {
          matched = 0;
          return { pass: Uint8Array.from(pass), detached: true };
        }
      }
      return { pass: Uint8Array.from(pass), detached: false };
    },
    rest() {
      const held = sequence.slice(0, matched);
      matched = 0;
      return held;
    },
  };
}

/** Length of the longest proper beginning of the first `length` bytes that is their end, too. */
function longestBorder(sequence: Uint8Array, length: number): number {
  for (let size = length - 1; size > 0; size--) {
    const end = sequence.subarray(length - size, length);
    if (end.every((byte, index) => byte === sequence[index])) return size;
  }
  return 0;
}
