// SPDX-License-Identifier: Apache-2.0
import { closeSync, readSync } from 'node:fs';
import { LadingError } from '@lading/errors';
import { call, cString } from './libc.ts';

const attributes = { readonly: 1, nosuid: 2, nodev: 4, noexec: 8, noatime: 16, nodiratime: 128 } as const;

/** What a mount that is made by parts can be told of itself. */
export type MountAttribute = keyof typeof attributes;

export interface MountByPartsRequest {
  /** File system type. */
  readonly type: string;
  /** What `mount` shows as the source. Default: the type. */
  readonly source?: string;
  /** Default: nowhere. The kernel makes the mount, to see whether it can, and drops it. */
  readonly target?: string | undefined;
  readonly attributes?: readonly MountAttribute[];
  /** Options in order, a key as often as needed; each value shorter than 256 bytes. */
  readonly options: readonly (readonly [key: string, value?: string])[];
}

const closeOnExec = 1;
const setFlag = 0;
const setString = 1;
const create = 6;
const currentFolder = -100;
const emptyPath = 4;

/** A mount that is in no folder. */
export interface DetachedMount extends Disposable {
  /** Where this process, and no other, finds its files, until it is disposed of. */
  readonly path: string;
}

/**
 * Mounts through fsopen(2), fsconfig(2) and move_mount(2), which take options one by one: together they may be longer
 * than the page that mount(2) takes. For overlay it needs Linux 6.5, and 6.7 for the option `lowerdir+`.
 *
 * @throws LadingError with the errno's name as `reason`: `ENOSYS` or `EINVAL` from a kernel that is too old
 */
export function mountByParts(request: MountByPartsRequest): void {
  const { target } = request;
  const made = makeMount(request);
  try {
    if (target === undefined) return;
    call(target, 'move_mount', 429, made, cString(''), currentFolder, cString(target), emptyPath);
  } finally {
    closeSync(made);
  }
}

/**
 * Makes a mount as {@link mountByParts} does, that no folder shows and that ends with the process, however that ends.
 *
 * @throws LadingError as {@link mountByParts}
 *
 * @example
 * ```ts
 * import { readFileSync, writeFileSync } from 'node:fs';
 * import { mountDetached } from '@lading/linux';
 *
 * using memory = mountDetached({ type: 'tmpfs', options: [['size', '1m']] });
 * writeFileSync(`${memory.path}/note`, 'gone with the process');
 * console.log(readFileSync(`${memory.path}/note`, 'utf8')); // → gone with the process
 * ```
 */
export function mountDetached(request: Omit<MountByPartsRequest, 'target'>): DetachedMount {
  const made = makeMount(request);
  let isOpen = true;
  return {
    path: `/proc/self/fd/${made}/.`,
    [Symbol.dispose]() {
      if (isOpen) closeSync(made);
      isOpen = false;
    },
  };
}

/** Gives the descriptor of a mount that is nowhere yet. */
function makeMount(request: MountByPartsRequest): number {
  const { type, source = type, options, target = 'no place' } = request;
  const bits = (request.attributes ?? []).reduce((all, name) => all | attributes[name], 0);
  const context = call(type, 'fsopen', 430, cString(type), closeOnExec);
  try {
    for (const [key, value] of [['source', source] as const, ...options]) {
      const text = value === undefined ? null : cString(value);
      const command = text === null ? setFlag : setString;
      call(`${key} of ${type} on ${target}`, 'fsconfig', 431, context, command, cString(key), text, 0);
    }
    call(`${type} on ${target}`, 'fsconfig', 431, context, create, null, null, 0);
    return call(`${type} on ${target}`, 'fsmount', 432, context, closeOnExec, bits);
  } catch (error) {
    throw explained(LadingError.from(error), context);
  } finally {
    closeSync(context);
  }
}

/** The kernel leaves the reason of a refusal in the context, as a line such as `e overlay: …`. */
function explained(error: LadingError, context: number): LadingError {
  const line = Buffer.alloc(1024);
  try {
    const text = line.toString('utf8', 0, readSync(context, line)).replace(/^[a-z] /, '');
    const { reason, cause } = error;
    return new LadingError(error.code, `${error.message} (${text.trim()})`, {
      cause,
      ...(reason !== undefined && { reason }),
    });
  } catch {
    // ENODATA: it said nothing.
    return error;
  }
}
