// SPDX-License-Identifier: Apache-2.0

/** Where the register is in memory: eight bytes, lowest first. */
export const registerAt = 0;
/** Where the bytes are that are taken in. */
export const inputAt = 64;
/** The memory, in pages of 64 KiB: what stays in a processor's second cache. */
const pages = 4;
/** How many bytes are taken in at a time. */
export const inputSize: number = pages * (64 << 10) - inputAt;

/** Folding pays from here on. */
const foldedFrom = 2048;

// WebAssembly's instructions, by their names in the text format: https://webassembly.github.io/spec/core/binary/
const i32 = 0x7f;
const i64 = 0x7e;
const v128 = 0x7b;
const block = [0x02, 0x40];
const loop = [0x03, 0x40];
const end = [0x0b];
const i32LessUnsigned = [0x49];
const i32Add = [0x6a];
const i64Xor = [0x85];
const i64ShiftLeft = [0x86];
const i64ShiftRight = [0x88];
const i64Load = [0x29, 0, 0];
const i64LoadByte = [0x31, 0, 0];
const i64Store = [0x37, 0, 0];
const v128Xor = [0xfd, 0x51];
const breakIf = (depth: number): number[] => [0x0d, depth];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32Const = (value: number): number[] => [0x41, ...signed(value)];
const i64Const = (value: number): number[] => [0x42, ...signed(value)];
const v128Load = (offset: number): number[] => [0xfd, 0, 0, ...unsigned(offset)];
const v128Store = (offset: number): number[] => [0xfd, 11, 0, ...unsigned(offset)];

const [at, after, register, out, unit] = [0, 1, 2, 3, 4];

/** Leaves a block when fewer bytes than these are left; `depth` is 1 in a loop in the block. */
const leaveBelow = (bytes: number, depth = 1): number[] => [
  ...get(after),
  ...get(at),
  ...i32Const(bytes),
  ...i32Add,
  ...i32LessUnsigned,
  ...breakIf(depth),
];
const goOn = (bytes: number): number[] => [...get(at), ...i32Const(bytes), ...i32Add, ...set(at), 0x0c, 0];
const shifted = (local: number, by: number, shift: readonly number[]): number[] => [
  ...get(local),
  ...i64Const(by),
  ...shift,
];
/** Times x + x^3 + x^4, onto what is on the stack: to the right, because the lowest bit is the highest power. */
const xorMoved = (local: number): number[] =>
  [1, 3, 4].flatMap((by) => [...shifted(local, by, i64ShiftRight), ...i64Xor]);

/**
 * Squaring x^64 = x^4 + x^3 + x + 1 seven times gives x^8192 = x^512 + x^384 + x^128 + 1, in which all powers are
 * multiples of 128. So 16 bytes vanish when they are added to those that are 60, 61, 63 and 64 times 16 bytes
 * further on, without a shift of bits.
 */
const foldUnits = (): readonly number[] => [
  ...[...block, ...leaveBelow(foldedFrom, 0)],
  ...[...get(at), ...get(at), ...i64Load, ...get(register), ...i64Xor, ...i64Store],
  ...[...i64Const(0), ...set(register)],
  ...[...block, ...loop, ...leaveBelow(65 * 16)],
  ...[...get(at), ...v128Load(0), ...set(unit)],
  ...[60, 61, 63, 64].flatMap((units) => [
    ...[...get(at), ...get(at), ...v128Load(units * 16), ...get(unit), ...v128Xor, ...v128Store(units * 16)],
  ]),
  ...[...goOn(16), ...end, ...end, ...end],
];

/** The register and 64 bits of input, times x^64; what is pushed out, of degree 64 to 67, comes in again likewise. */
const takeWords = (): readonly number[] => [
  ...[...block, ...loop, ...leaveBelow(8)],
  ...[...get(at), ...i64Load, ...get(register), ...i64Xor, ...set(register)],
  ...[...shifted(register, 63, i64ShiftLeft), ...shifted(register, 61, i64ShiftLeft), ...i64Xor],
  ...[...shifted(register, 60, i64ShiftLeft), ...i64Xor, ...set(out)],
  ...[...get(register), ...xorMoved(register), ...get(out), ...i64Xor, ...xorMoved(out), ...set(register)],
  ...[...goOn(8), ...end, ...end],
];

const takeBytes = (): readonly number[] => [
  ...[...block, ...loop, ...leaveBelow(1)],
  ...[...get(at), ...i64LoadByte, ...get(register), ...i64Xor, ...i64Const(56), ...i64ShiftLeft, ...set(out)],
  ...[...shifted(register, 8, i64ShiftRight), ...get(out), ...i64Xor, ...xorMoved(out), ...set(register)],
  ...[...goOn(1), ...end, ...end],
];

/** `update(at, after)`: takes these bytes of memory into the register, and spoils them. */
const update = (): readonly number[] => [
  ...vector([
    [2, i64],
    [1, v128],
  ]),
  ...[...i32Const(registerAt), ...i64Load, ...set(register)],
  ...foldUnits(),
  ...takeWords(),
  ...takeBytes(),
  ...[...i32Const(registerAt), ...get(register), ...i64Store],
  ...end,
];

const name = (text: string): number[] => vector([...Buffer.from(text)].map((byte) => [byte]));
const section = (id: number, items: readonly (readonly number[])[]): number[] => [
  id,
  ...sized(vector(items)),
];

/** A module with a memory and one function, with SIMD, which every Node.js has. */
export function crc64Program(): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, ...vector([[i32], [i32]]), ...vector([])]]),
    ...section(3, [[0]]),
    ...section(5, [[0, pages]]),
    ...section(7, [
      [...name('memory'), 2, 0],
      [...name('update'), 0, 0],
    ]),
    ...section(10, [sized(update())]),
  ]);
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}
