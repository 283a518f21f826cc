// SPDX-License-Identifier: Apache-2.0
import { realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Koffi = typeof import('koffi');

/**
 * koffi by its native part alone. What its own entry does around that, to look for names that are deprecated and
 * at how Node was linked, takes fifteen times as long: as much as half of a short command.
 *
 * @param from URL of the module that has it among its dependencies
 */
export function loadKoffi(from: string): Koffi {
  return loadNative(dirname(fileURLToPath(from))) ?? createRequire(from)('koffi');
}

/** Undefined where it lies elsewhere, or is for another C library than this Node's. */
function loadNative(folder: string): Koffi | undefined {
  const file = nativeFileOf(folder);
  if (file === undefined) return undefined;
  const module: { exports: Partial<Koffi> } = { exports: {} };
  try {
    process.dlopen(module, file);
  } catch {
    return undefined; // koffi's own entry says what is wrong
  }
  return isKoffi(module.exports) ? module.exports : undefined;
}

/** Where npm and pnpm put it: beside koffi or inside of it. */
function nativeFileOf(folder: string): string | undefined {
  const entry = join(folder, 'node_modules/koffi');
  if (isThere(entry)) {
    const koffi = realpathSync(entry);
    const native = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
    return [join(koffi, '..', native), join(koffi, 'node_modules', native)].find(isThere);
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : nativeFileOf(parent);
}

function isKoffi(exports: Partial<Koffi>): exports is Koffi {
  return typeof exports.load === 'function' && typeof exports.errno === 'function';
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
