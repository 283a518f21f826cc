// SPDX-License-Identifier: Apache-2.0
import { crc64Program, inputAt, inputSize, registerAt } from './crc64-program.ts';

/**
 * A running CRC-64/ISO as Go's hash/crc64 has it: polynomial x^64 + x^4 + x^3 + x + 1, bits reflected, all ones at the
 * start and inverted at the end.
 *
 * The polynomial has so few terms that no table is needed: a register of 64 bits, moved on by 64 bits, is the register
 * times x^64, and x^64 is x^4 + x^3 + x + 1: three shifts. Every byte of every file of a layer goes through it, and
 * JavaScript's numbers have 32 bits that can be shifted, so it is done in WebAssembly.
 */
export class Crc64 {
  #low = -1;
  #high = -1;

  update(bytes: Uint8Array): void {
    machine ??= startMachine();
    const { input, register, update } = machine;
    register.setInt32(0, this.#low, true);
    register.setInt32(4, this.#high, true);
    for (let at = 0; at < bytes.length; at += inputSize) {
      const piece = bytes.length <= inputSize ? bytes : bytes.subarray(at, at + inputSize);
      input.set(piece);
      update(inputAt, inputAt + piece.length);
    }
    this.#low = register.getInt32(0, true);
    this.#high = register.getInt32(4, true);
  }

  /** The eight bytes, most significant first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}

/** The part of the global of that name that is used here; the types of Node.js leave it out. */
declare const WebAssembly: {
  readonly Module: new (program: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      update(at: number, after: number): void;
    };
  };
};

interface Machine {
  readonly input: Uint8Array;
  readonly register: DataView;
  update(at: number, after: number): void;
}

/** One for all of the thread: it is only used within a call. */
let machine: Machine | undefined;

function startMachine(): Machine {
  const module = new WebAssembly.Module(crc64Program());
  const { memory, update } = new WebAssembly.Instance(module).exports;
  return {
    input: new Uint8Array(memory.buffer, inputAt, inputSize),
    register: new DataView(memory.buffer, registerAt, 8),
    update,
  };
}
