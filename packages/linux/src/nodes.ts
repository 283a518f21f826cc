// SPDX-License-Identifier: Apache-2.0
import { call, cString, shown } from './libc.ts';

export interface NodeRequest {
  readonly type: 'char' | 'block' | 'fifo';
  /** Permission bits; cut by the umask. */
  readonly mode: number;
  readonly major?: number;
  readonly minor?: number;
}

const typeBits = { char: 0o020000, block: 0o060000, fifo: 0o010000 } as const;

// The number of mknodat(2): before glibc 2.33 the C library had no function of that name to find.
const mknodatNumber = process.arch === 'x64' ? 259 : 33;
const currentFolder = -100; // AT_FDCWD

/** mknod(2): a device or a FIFO. @throws LadingError with the errno's name as `reason`: EEXIST, EPERM */
export function makeNode(path: string | Uint8Array, { type, mode, major = 0, minor = 0 }: NodeRequest): void {
  call(
    shown(path),
    'mknodat',
    mknodatNumber,
    currentFolder,
    cString(path),
    typeBits[type] | mode,
    deviceNumber(major, minor),
  );
}

/** As glibc's makedev puts the two numbers together. */
export function deviceNumber(major: number, minor: number): bigint {
  const [a, b] = [BigInt(major), BigInt(minor)];
  return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn);
}

export interface FileTimes {
  /** Nanoseconds since 1970. */
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
}

/** utimensat(2) with nanoseconds; of a link it is the link's own times that are set. */
export function setTimes(path: string | Uint8Array, { atimeNs, mtimeNs }: FileTimes): void {
  const times = Buffer.alloc(32);
  for (const [i, ns] of [atimeNs, mtimeNs].entries()) {
    // The part below a second counts upwards, also before 1970.
    const below = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    times.writeBigInt64LE((ns - below) / 1_000_000_000n, i * 16);
    times.writeBigInt64LE(below, i * 16 + 8);
  }
  const noFollow = 0x100; // AT_SYMLINK_NOFOLLOW
  call(shown(path), 'utimensat', currentFolder, cString(path), times, noFollow);
}
