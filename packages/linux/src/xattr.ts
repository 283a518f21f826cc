// SPDX-License-Identifier: Apache-2.0
import { call, callRaw, cString, shown, systemError } from './libc.ts';

type Path = string | Uint8Array;

const enodata = 61;
const erange = 34;
const firstSize = 256;

/** An extended attribute of a file, or of the link itself; undefined when it has none of that name. */
export function getXattr(path: Path, name: string): Buffer | undefined {
  return readAll(`${name} of ${shown(path)}`, (buffer) =>
    callRaw('lgetxattr', cString(path), cString(name), buffer, buffer.length),
  );
}

/** Sets an extended attribute of a file, or of the link itself. */
export function setXattr(path: Path, name: string, value: Uint8Array): void {
  call(
    `${name} of ${shown(path)}`,
    'lsetxattr',
    cString(path),
    cString(name),
    Buffer.from(value),
    value.length,
    0,
  );
}

/** Removes an extended attribute; false when it was not there. */
export function removeXattr(path: Path, name: string): boolean {
  const result = callRaw('lremovexattr', cString(path), cString(name));
  if (result === -enodata) return false;
  if (result < 0) throw systemError(`lremovexattr ${name} of ${shown(path)}`, -result);
  return true;
}

/** Names of the extended attributes of a file, or of the link itself, sorted. */
export function listXattrs(path: Path): readonly string[] {
  const list = readAll(`of ${shown(path)}`, (buffer) =>
    callRaw('llistxattr', cString(path), buffer, buffer.length),
  );
  // Nearly all files have none, and a layer has thousands of files.
  if (list === undefined || list.length === 0) return [];
  return list
    .toString()
    .split('\0')
    .filter((name) => name !== '')
    .toSorted();
}

function readAll(what: string, read: (buffer: Buffer) => number): Buffer | undefined {
  for (let size = firstSize; ; size *= 4) {
    const buffer = Buffer.allocUnsafe(size); // the kernel says how much of it it filled
    const result = read(buffer);
    if (result >= 0) return buffer.subarray(0, result);
    if (result === -enodata) return undefined;
    if (result !== -erange || size > 1 << 20)
      throw systemError(`reading extended attributes ${what}`, -result);
  }
}
