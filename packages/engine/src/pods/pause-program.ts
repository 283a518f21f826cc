// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

const headerBytes = 64 + 56;
const base = 0x40_0000;

interface Machine {
  readonly elf: number;
  readonly code: readonly number[];
}

/** Ignores SIGCHLD, so that the kernel reaps what is left to it, and sleeps. The action of the signal follows the code. */
const machines: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    elf: 62,
    code: [
      ...[0xb8, 13, 0, 0, 0, 0xbf, 17, 0, 0, 0], // rt_sigaction(SIGCHLD,
      ...[0x48, 0x8d, 0x35, 23, 0, 0, 0, 0x31, 0xd2, 0x41, 0xba, 8, 0, 0, 0, 0x0f, 0x05], // action, null, 8)
      ...[0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7], // for (;;) pause()
      ...[0, 0, 0, 0],
    ],
  },
  arm64: {
    elf: 183,
    code: [
      ...[0xd280_10c8, 0xd280_0220, 0x1000_0181, 0xd280_0002, 0xd280_0103, 0xd400_0001],
      ...[0xd280_0928, 0xd280_0000, 0xd280_0001, 0xd280_0002, 0xd280_0003, 0xd400_0001, 0x17ff_fffa, 0],
    ].flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]),
  },
};

/**
 * A program that is the first process of a pid namespace and nothing else: no image is needed for it, and there is
 * nothing in it that a container of the pod could make use of.
 *
 * @throws LadingError `unimplemented` for a machine that is neither x64 nor arm64
 */
export function pauseProgram(arch: NodeJS.Architecture = process.arch): Uint8Array {
  const machine = machines[arch];
  if (machine === undefined) {
    throw new LadingError(
      Code.Unimplemented,
      `a pid namespace shared by a pod is not there for ${arch}; let each container have its own`,
    );
  }
  const ignored = 1;
  const bytes = Buffer.alloc(headerBytes + machine.code.length + 32);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(2, 16); // executable
  bytes.writeUInt16LE(machine.elf, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(base + headerBytes), 24); // entry
  bytes.writeBigUInt64LE(64n, 32); // program headers
  for (const [i, value] of [64, 56, 1].entries()) bytes.writeUInt16LE(value, 52 + 2 * i);
  bytes.writeUInt32LE(1, 64); // to be loaded
  bytes.writeUInt32LE(5, 68); // to be read and executed
  bytes.writeBigUInt64LE(BigInt(base), 80);
  bytes.writeBigUInt64LE(BigInt(base), 88);
  bytes.writeBigUInt64LE(BigInt(bytes.length), 96);
  bytes.writeBigUInt64LE(BigInt(bytes.length), 104);
  bytes.writeBigUInt64LE(0x1000n, 112);
  bytes.set(machine.code, headerBytes);
  bytes.writeBigUInt64LE(BigInt(ignored), headerBytes + machine.code.length);
  return bytes;
}
