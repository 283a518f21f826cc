// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type MountAttribute, mount, mountByParts } from '@lading/linux';

export interface OverlayMount {
  /** Content of the layers below, uppermost first. */
  readonly lowers: readonly string[];
  /** The layer's folder, with `diff`, `work` and `merged`. */
  readonly folder: string;
  /** Words such as `nodev` or `metacopy=on`. */
  readonly options: readonly string[];
  /** Nothing is written: `diff` is the uppermost of the layers below. Default false. */
  readonly isReadOnly?: boolean | undefined;
  /** Where it is mounted. Default: `merged` in the layer's folder. */
  readonly target?: string | undefined;
}

/** mount(2) takes one page, with its closing NUL. */
const mostData = 4095;
/** fsconfig(2) takes a string of 256 bytes, with its closing NUL. */
const mostPart = 255;
/** What overlayfs or mount(2) gives a meaning to. */
const special = /[,:\\]/;

const attributes: Readonly<Record<string, MountAttribute>> = {
  ro: 'readonly',
  nosuid: 'nosuid',
  nodev: 'nodev',
  noexec: 'noexec',
  noatime: 'noatime',
  nodiratime: 'nodiratime',
};
/** Words that ask for what is the case anyway. */
const defaults = new Set(['rw', 'dev', 'suid', 'exec', 'defaults', 'atime', 'diratime', 'relatime']);

/**
 * Mounts layers on `merged`. The usual way is mount(2); when the paths are longer than a page together, or have
 * characters that the options cannot carry, the other ways are:
 * - fsconfig(2), an option a call, on Linux 6.7 or newer, for up to 500 layers;
 * - `/proc/self/fd/N` for each layer, which is short whatever the layer's path is: about 200 layers.
 *
 * @throws LadingError with the errno's name as `reason`; `failed_precondition` for more layers than the kernel can take
 */
export function mountOverlay(request: OverlayMount): void {
  const { folder, isReadOnly = false, target = join(folder, 'merged') } = request;
  const lowers = isReadOnly ? [join(folder, 'diff'), ...request.lowers] : request.lowers;
  const words = request.options.filter((word) => word !== '' && !defaults.has(word));
  const flags = words.flatMap((word) => attributes[word] ?? []);
  if (isReadOnly && !flags.includes('readonly')) flags.push('readonly');
  const options = words.filter((word) => !Object.hasOwn(attributes, word));
  const paths = [...lowers, folder];
  const isPlain = !paths.some((path) => special.test(path));

  const written = (own: string): readonly (readonly [key: string, path: string])[] =>
    isReadOnly
      ? []
      : [
          ['upperdir', `${own}/diff`],
          ['workdir', `${own}/work`],
        ];
  const data = dataOf(lowers, written(folder), options);
  if (isPlain && Buffer.byteLength(data) <= mostData) {
    mount({ type: 'overlay', target, flags, data });
    return;
  }
  if (isPlain && paths.every((path) => Buffer.byteLength(path) + '/diff'.length <= mostPart)) {
    if (mountedByParts()) return;
  }
  const opened = paths.map((path) => openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
  try {
    const short = opened.map((fd) => `/proc/self/fd/${fd}`);
    const own = short.pop() ?? '';
    const shortData = dataOf(short, written(own), options);
    if (shortData.length > mostData) {
      throw new LadingError(
        Code.FailedPrecondition,
        `${lowers.length} layers are more than this kernel mounts; use Linux 6.7 or newer and a root without , : or \\ in its path`,
        { reason: 'TOO_MANY_LAYERS' },
      );
    }
    mount({ type: 'overlay', target, flags, data: shortData });
  } finally {
    for (const fd of opened) closeSync(fd);
  }

  function mountedByParts(): boolean {
    try {
      mountByParts({
        type: 'overlay',
        target,
        attributes: flags,
        options: [
          ...lowers.map((path) => ['lowerdir+', path] as const),
          ...written(folder),
          ...options.map(keyAndValue),
        ],
      });
      return true;
    } catch (error) {
      const failure = LadingError.from(error);
      // An older kernel; a real fault shows itself again in the other way.
      if (failure.reason === 'ENOSYS' || failure.reason === 'EINVAL') return false;
      throw failure;
    }
  }
}

/** The same with the option `volatile`, by which nothing is synced, where the kernel has it. */
export function mountVolatileOverlay(request: OverlayMount): void {
  try {
    mountOverlay({ ...request, options: ['volatile', ...request.options] });
  } catch (error) {
    // Before Linux 5.10; a real fault shows itself again without the option.
    if (LadingError.from(error).reason !== 'EINVAL') throw error;
    mountOverlay(request);
  }
}

function dataOf(
  lowers: readonly string[],
  written: readonly (readonly [key: string, path: string])[],
  options: readonly string[],
): string {
  return [`lowerdir=${lowers.join(':')}`, ...written.map(([key, path]) => `${key}=${path}`), ...options].join(
    ',',
  );
}

/**
 * The option that gives all files of a mount an SELinux label; quoted, because labels have commas. None where the
 * kernel has no SELinux and would refuse the mount.
 */
export function labelOptions(label: string | undefined, filesystems: string): readonly string[] {
  if (label === undefined || label === '' || !/^nodev\tselinuxfs$/m.test(filesystems)) return [];
  if (/["\\\n]/.test(label)) {
    throw new LadingError(Code.InvalidArgument, `${JSON.stringify(label.slice(0, 80))} is no SELinux label`);
  }
  return [`context="${label}"`];
}

function keyAndValue(option: string): readonly [string, string?] {
  const equals = option.indexOf('=');
  return equals < 0
    ? [option]
    : [option.slice(0, equals), option.slice(equals + 1).replace(/^"(.*)"$/, '$1')];
}
