// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { Mount } from '@lading/oci-spec';
import type { ContainerFiles } from '../containers/files.ts';
import { resolveInRoot } from '../rootfs/read-in-root.ts';
import { isMissing } from '../state/atomic-file.ts';
import type { ContainerMount, ContainerOptions } from '../types/container-options.ts';

const propagations = new Set([
  'shared',
  'rshared',
  'slave',
  'rslave',
  'private',
  'rprivate',
  'unbindable',
  'runbindable',
]);

/** Mounts that were asked for, in the words of the runtime spec. @throws NotFound for a missing source */
export async function userMounts(
  mounts: readonly ContainerMount[],
  imageFolder: (image: string) => string,
): Promise<Mount[]> {
  return Promise.all(
    mounts.map((mount) => {
      if (mount.type === 'bind') return bindMount(mount);
      if (mount.type === 'volume') {
        throw new LadingError(Code.Internal, `volume ${mount.name} has no folder yet`);
      }
      return mount.type === 'image' ? imageMount(mount, imageFolder(mount.source)) : tmpfsMount(mount);
    }),
  );
}

async function bindMount(mount: Extract<ContainerMount, { type: 'bind' }>): Promise<Mount> {
  try {
    await stat(mount.source);
  } catch (error) {
    if (!isMissing(error)) throw LadingError.from(error);
    throw new LadingError(Code.NotFound, `cannot mount ${mount.source}: it does not exist on the host`, {
      reason: 'MOUNT_SOURCE_MISSING',
      cause: error,
    });
  }
  if (typeof mount.overlay === 'object') return overlayMount(mount, mount.overlay);
  const given = mount.options ?? [];
  const how = given.some((option) => option === 'bind' || option === 'rbind') ? [] : ['rbind'];
  const propagation = given.some((option) => propagations.has(option)) ? [] : ['rprivate'];
  return {
    destination: mount.target,
    type: 'bind',
    source: mount.source,
    options: [...how, ...propagation, ...given, accessOf(mount)],
  };
}

function overlayMount(
  { source, target, readOnly }: Extract<ContainerMount, { type: 'bind' }>,
  { upper, work }: { readonly upper: string; readonly work: string },
): Mount {
  if (/[:,\\]/.test(source + upper)) {
    // They would end the name of the folder in the options of the kernel.
    throw new LadingError(
      Code.InvalidArgument,
      `an overlay on ${source} cannot be: no : , or \\ may be in the path`,
    );
  }
  return {
    destination: target,
    type: 'overlay',
    source: 'overlay',
    options: [
      `lowerdir=${source}`,
      `upperdir=${upper}`,
      `workdir=${work}`,
      readOnly ? 'ro' : 'rw',
      'rprivate',
    ],
  };
}

function accessOf({ readOnly, recursiveReadOnly }: Extract<ContainerMount, { type: 'bind' }>): string {
  if (recursiveReadOnly) return 'rro';
  return readOnly ? 'ro' : 'rw';
}

async function imageMount(mount: Extract<ContainerMount, { type: 'image' }>, folder: string): Promise<Mount> {
  const source = mount.subPath === undefined ? folder : resolveInRoot(folder, mount.subPath);
  if (source === undefined) {
    throw new LadingError(
      Code.NotFound,
      `cannot mount ${JSON.stringify(mount.subPath)} of image ${mount.source}: it is not in the image`,
      { reason: 'IMAGE_SUBPATH_MISSING' },
    );
  }
  return {
    destination: mount.target,
    type: 'bind',
    source,
    options: ['rbind', 'rprivate', 'nosuid', 'nodev', ...(mount.options ?? []), 'ro'],
  };
}

function tmpfsMount(mount: Extract<ContainerMount, { type: 'tmpfs' }>): Mount {
  return {
    destination: mount.target,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [
      'nosuid',
      'nodev',
      mount.readOnly ? 'ro' : 'rw',
      `mode=${(mount.mode ?? 0o1777).toString(8)}`,
      ...(mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`]),
      ...(mount.options ?? []),
    ],
  };
}

/** /etc/resolv.conf, /etc/hosts and /etc/hostname of our making; the caller's own mounts win over them. */
export function fileMounts(
  files: ContainerFiles,
  {
    chrootFolders = [],
    keepHostname,
    keepHosts,
    readOnlyRootfs,
  }: Pick<ContainerOptions, 'chrootFolders' | 'keepHostname' | 'keepHosts' | 'readOnlyRootfs'>,
): Mount[] {
  const names: [string, string][] = [
    ['/etc/resolv.conf', files.resolvConf],
    ...(keepHosts ? [] : [['/etc/hosts', files.hosts] satisfies [string, string]]),
  ];
  const pairs: [string, string][] = [
    ...['/', ...chrootFolders].flatMap((folder) =>
      names.map(([name, source]): [string, string] => [join('/', folder, name), source]),
    ),
    ...(keepHostname ? [] : [['/etc/hostname', files.hostname] satisfies [string, string]]),
    ...(files.passwd === undefined ? [] : [['/etc/passwd', files.passwd] satisfies [string, string]]),
  ];
  return pairs.map(([destination, source]) => ({
    destination,
    type: 'bind',
    source,
    options: ['bind', 'rprivate', readOnlyRootfs ? 'ro' : 'rw'],
  }));
}

/** The pod's /dev/shm, or one of the container's own. */
export function shmMount(podShm: string | undefined, sizeBytes: number): Mount {
  if (podShm !== undefined) {
    return { destination: '/dev/shm', type: 'bind', source: podShm, options: ['bind', 'rprivate', 'rw'] };
  }
  return {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${sizeBytes}`],
  };
}
