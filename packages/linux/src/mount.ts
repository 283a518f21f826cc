// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { call, cString, shown } from './libc.ts';

/** Flags of mount(2), by the names that mount(8) and proc(5) have for them, written out. */
export type MountFlag =
  | 'readonly'
  | 'nosuid'
  | 'nodev'
  | 'noexec'
  | 'sync'
  | 'remount'
  | 'noatime'
  | 'nodiratime'
  | 'bind'
  | 'move'
  | 'recursive'
  | 'silent'
  | 'unbindable'
  | 'private'
  | 'slave'
  | 'shared'
  | 'relatime'
  | 'strictatime'
  | 'lazytime';

const mountFlags: Readonly<Record<MountFlag, number>> = {
  readonly: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  remount: 32,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  move: 8192,
  recursive: 16384,
  silent: 32768,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relatime: 1 << 21,
  strictatime: 1 << 24,
  lazytime: 1 << 25,
};

export interface MountRequest {
  /** Device, folder, or a word that `mount` shows. Default: the type. */
  readonly source?: string;
  readonly target: string;
  /** File system type; none for a bind mount or a change of flags. */
  readonly type?: string;
  readonly flags?: readonly MountFlag[];
  /** Options of the file system, at most one page long. */
  readonly data?: string;
}

/** The kernel copies one page and drops the rest, which would mount something else than was asked for. */
const pageBytes = 4096;

/**
 * mount(2), on the calling thread: about 1 ms. A symbolic link as target is followed: never give a path that an image
 * can have chosen. A bind mount ignores all flags but `recursive`; a read-only one takes a second call with `remount`,
 * `bind` and `readonly`.
 *
 * @throws LadingError with the errno's name as `reason`: ENOENT, EPERM, EBUSY, EINVAL, ENODEV; E2BIG for long `data`
 */
export function mount(request: MountRequest): void {
  const { source = request.type ?? 'none', target, type, flags = [], data } = request;
  const bits = flags.reduce((all, flag) => all | mountFlags[flag], 0);
  if (data !== undefined && Buffer.byteLength(data) >= pageBytes) {
    throw new LadingError(
      Code.InvalidArgument,
      `mount ${shown(target)}: its options are ${Buffer.byteLength(data)} bytes; the kernel takes less than ${pageBytes}`,
      { reason: 'E2BIG' },
    );
  }
  const optional = (text: string | undefined): Buffer | null => (text === undefined ? null : cString(text));
  call(
    `${shown(source)} on ${shown(target)}`,
    'mount',
    cString(source),
    cString(target),
    optional(type),
    bits,
    optional(data),
  );
}

export interface UnmountOptions {
  /** Leave the tree at once, and free it when nobody uses it any more (MNT_DETACH). */
  readonly lazy?: boolean;
  /** End requests to a server that is gone (MNT_FORCE). */
  readonly force?: boolean;
}

/**
 * umount2(2) of the uppermost mount on the target; a symbolic link is not followed.
 *
 * @throws LadingError `invalid_argument` when nothing is mounted there; `failed_precondition` with reason EBUSY
 */
export function unmount(target: string, options: UnmountOptions = {}): void {
  const noFollow = 8;
  call(
    shown(target),
    'umount2',
    cString(target),
    noFollow | (options.lazy ? 2 : 0) | (options.force ? 1 : 0),
  );
}
