// SPDX-License-Identifier: Apache-2.0
import type { BlockHash } from './hasher.ts';
import { longInitialState, longRoundConstants } from './sha2-constants.ts';

let constants: ReturnType<typeof longRoundConstants> | undefined;

/**
 * 64-bit words as two halves of 32: bigints would be fifty times slower. A sum of low halves is kept as a
 * double, exact far beyond 2^32, and what exceeds 32 bits is carried into the high half.
 *
 * @see https://doi.org/10.6028/NIST.FIPS.180-4 section 6.4
 */
export function sha512(): BlockHash {
  const { high, low } = longInitialState();
  constants ??= longRoundConstants();
  const { high: kh, low: kl } = constants;
  const wh = new Int32Array(80);
  const wl = new Int32Array(80);

  function schedule(bytes: Uint8Array, start: number): void {
    for (let i = 0, at = start; i < 16; i++, at += 8) {
      wh[i] = word(bytes, at);
      wl[i] = word(bytes, at + 4);
    }
    for (let i = 16; i < 80; i++) {
      const xh = wh[i - 15] ?? 0;
      const xl = wl[i - 15] ?? 0;
      const yh = wh[i - 2] ?? 0;
      const yl = wl[i - 2] ?? 0;
      const s0h = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7);
      const s0l = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
      const s1h = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6);
      const s1l = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26));
      const sum = (s0l >>> 0) + (s1l >>> 0) + ((wl[i - 7] ?? 0) >>> 0) + ((wl[i - 16] ?? 0) >>> 0);
      wl[i] = sum;
      wh[i] = s0h + s1h + (wh[i - 7] ?? 0) + (wh[i - 16] ?? 0) + carry(sum);
    }
  }

  function compress(bytes: Uint8Array, start: number): void {
    schedule(bytes, start);
    let ah = high[0] ?? 0;
    let al = low[0] ?? 0;
    let bh = high[1] ?? 0;
    let bl = low[1] ?? 0;
    let ch = high[2] ?? 0;
    let cl = low[2] ?? 0;
    let dh = high[3] ?? 0;
    let dl = low[3] ?? 0;
    let eh = high[4] ?? 0;
    let el = low[4] ?? 0;
    let fh = high[5] ?? 0;
    let fl = low[5] ?? 0;
    let gh = high[6] ?? 0;
    let gl = low[6] ?? 0;
    let hh = high[7] ?? 0;
    let hl = low[7] ?? 0;
    for (let i = 0; i < 80; i++) {
      const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
      const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
      const choiceH = (eh & fh) ^ (~eh & gh);
      const choiceL = (el & fl) ^ (~el & gl);
      const t1 = (hl >>> 0) + (s1l >>> 0) + (choiceL >>> 0) + ((kl[i] ?? 0) >>> 0) + ((wl[i] ?? 0) >>> 0);
      const t1l = t1 | 0;
      const t1h = (hh + s1h + choiceH + (kh[i] ?? 0) + (wh[i] ?? 0) + carry(t1)) | 0;
      const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
      const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
      const majorityL = (al & bl) ^ (al & cl) ^ (bl & cl);
      const t2 = (s0l >>> 0) + (majorityL >>> 0);
      const t2h = (s0h + ((ah & bh) ^ (ah & ch) ^ (bh & ch)) + carry(t2)) | 0;
      hh = gh;
      hl = gl;
      gh = fh;
      gl = fl;
      fh = eh;
      fl = el;
      const e = (dl >>> 0) + (t1l >>> 0);
      eh = (dh + t1h + carry(e)) | 0;
      el = e | 0;
      dh = ch;
      dl = cl;
      ch = bh;
      cl = bl;
      bh = ah;
      bl = al;
      const a = (t1l >>> 0) + ((t2 | 0) >>> 0);
      ah = (t1h + t2h + carry(a)) | 0;
      al = a | 0;
    }
    add(0, ah, al);
    add(1, bh, bl);
    add(2, ch, cl);
    add(3, dh, dl);
    add(4, eh, el);
    add(5, fh, fl);
    add(6, gh, gl);
    add(7, hh, hl);
  }

  function add(i: number, h: number, l: number): void {
    const sum = ((low[i] ?? 0) >>> 0) + (l >>> 0);
    high[i] = (high[i] ?? 0) + h + carry(sum);
    low[i] = sum;
  }

  return {
    blockBytes: 128,
    compress,
    words: () => Int32Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? high : low)[i >> 1] ?? 0),
  };
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** What a sum of a few low halves has above its 32 bits. */
function carry(sum: number): number {
  return (sum / 0x1_0000_0000) | 0;
}
