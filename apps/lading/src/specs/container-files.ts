// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { latestFlag } from './select-flags.ts';

const diffOf = (things: string, load: NonNullable<CommandSpec['load']>): CommandSpec => ({
  name: 'diff',
  summary: "Inspect changes to the object's file systems",
  description:
    'Shows what a container has changed of its image, or an image of the layers below its uppermost one, or what the first of two has that the second has not: A for added, C for changed, D for deleted.',
  usage: `diff [options] ${things}`,
  flags: [
    { name: 'format', kind: 'string', help: 'Change the output format (json)' },
    ...(things.includes('CONTAINER') ? [latestFlag] : []),
  ],
  args: { min: things.includes('CONTAINER') ? 0 : 1, max: 2 },
  examples: ['lading diff ctrID', 'lading diff --format json ctrID'],
  load,
});

/** Of containers and images. */
export const diff: CommandSpec = diffOf(
  '{CONTAINER|IMAGE} [{CONTAINER|IMAGE}]',
  () => import('../commands/diff.ts'),
);

export const containerDiff: CommandSpec = diffOf('CONTAINER [CONTAINER]', async () => ({
  run: (await import('../commands/diff.ts')).runContainerDiff,
}));

export const imageDiff: CommandSpec = diffOf('IMAGE [IMAGE]', async () => ({
  run: (await import('../commands/diff.ts')).runImageDiff,
}));

export const cp: CommandSpec = {
  name: 'cp',
  summary: 'Copy files/folders between a container and the local filesystem',
  description:
    'Copies a file or a directory into a container, out of one, or from one to another, running or not. With - a tar archive is read from stdin, or written to stdout. A container that runs is frozen meanwhile.',
  usage: 'cp [options] [CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH',
  flags: [
    {
      name: 'archive',
      short: 'a',
      kind: 'boolean',
      default: true,
      help: 'Chown copied files to the user of the container, or to the caller',
    },
    {
      name: 'overwrite',
      kind: 'boolean',
      help: 'Allow to overwrite directories with non-directories and vice versa',
    },
    { name: 'pause', kind: 'boolean', hidden: true, help: 'Deprecated' },
  ],
  args: { min: 2, max: 2 },
  examples: ['lading cp ctrID:/etc/hosts .', 'lading cp ./site web:/srv', 'lading cp - web:/srv < site.tar'],
  load: () => import('../commands/cp.ts'),
};

export const mount: CommandSpec = {
  name: 'mount',
  summary: "Mount a working container's root filesystem",
  description:
    'Mounts the root file systems of containers and prints where; without one, lists those that are mounted.',
  usage: 'mount [options] [CONTAINER...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Mount all containers' },
    { name: 'format', kind: 'string', help: 'Print the mounted containers in specified format (json)' },
    latestFlag,
    { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate output' },
  ],
  args: { min: 0 },
  examples: ['lading mount', 'lading mount ctrID'],
  load: () => import('../commands/mount.ts'),
};

export const unmount: CommandSpec = {
  name: 'unmount',
  aliases: ['umount'],
  summary: "Unmounts working container's root filesystem",
  usage: 'unmount [options] CONTAINER [CONTAINER...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Unmount all of the currently mounted containers' },
    {
      name: 'force',
      short: 'f',
      kind: 'boolean',
      help: 'Force the complete unmount of the specified mounted containers',
    },
    latestFlag,
  ],
  args: { min: 0 },
  examples: ['lading unmount ctrID', 'lading unmount --all'],
  load: () => import('../commands/unmount.ts'),
};

const changeFlag = {
  name: 'change',
  short: 'c',
  kind: 'strings',
  help: 'Apply the following possible instructions to the created image: CMD | ENTRYPOINT | ENV | EXPOSE | LABEL | STOPSIGNAL | USER | VOLUME | WORKDIR',
} as const;
const messageFlag = {
  name: 'message',
  short: 'm',
  kind: 'string',
  help: 'Set commit message for imported image',
} as const;
const quietFlag = { name: 'quiet', short: 'q', kind: 'boolean', help: 'Suppress output' } as const;

export const commit: CommandSpec = {
  name: 'commit',
  summary: 'Create new image based on the changed container',
  description:
    'Creates an image from what a container changed of its image, and from its settings; prints its ID.',
  usage: 'commit [options] CONTAINER [IMAGE]',
  flags: [
    { name: 'author', short: 'a', kind: 'string', help: 'Set the author for the image committed' },
    changeFlag,
    {
      name: 'format',
      short: 'f',
      kind: 'string',
      default: 'oci',
      help: 'Format of the image manifest and metadata',
    },
    { name: 'iidfile', kind: 'string', completes: 'file', help: 'file to write the image ID to' },
    { name: 'include-volumes', kind: 'boolean', help: 'Include container volumes as image volumes' },
    messageFlag,
    { name: 'pause', short: 'p', kind: 'boolean', help: 'Pause container during commit' },
    quietFlag,
    {
      name: 'squash',
      short: 's',
      kind: 'boolean',
      help: 'squash newly built layers into a single new layer',
    },
  ],
  args: { min: 1, max: 2 },
  examples: [
    'lading commit -q --message "committing container to image" reverent_golick image-committed',
    'lading commit containerID',
  ],
  load: () => import('../commands/commit.ts'),
};

export const exportSpec: CommandSpec = {
  name: 'export',
  summary: "Export container's filesystem contents as a tar archive",
  usage: 'export [options] CONTAINER',
  flags: [
    {
      name: 'output',
      short: 'o',
      kind: 'string',
      completes: 'file',
      help: 'Write to a specified file (default: stdout, which must be redirected)',
    },
  ],
  args: { min: 1, max: 1 },
  examples: ['lading export ctrID > myCtr.tar', 'lading export --output="myCtr.tar" ctrID'],
  load: () => import('../commands/export.ts'),
};

export const importSpec: CommandSpec = {
  name: 'import',
  summary: 'Import a tarball to create a filesystem image',
  description: 'Creates an image from a tar archive: a file, an address, or - for stdin. Prints its ID.',
  usage: 'import [options] PATH [REFERENCE]',
  flags: [
    { name: 'arch', kind: 'string', help: 'Set the architecture of the imported image' },
    changeFlag,
    messageFlag,
    { name: 'os', kind: 'string', help: 'Set the OS of the imported image' },
    quietFlag,
    { name: 'variant', kind: 'string', help: 'Set the variant of the imported image' },
  ],
  args: { min: 1, max: 2 },
  examples: [
    'lading import https://example.com/ctr.tar url-image',
    'lading import - image-imported < ctr.tar',
  ],
  load: () => import('../commands/import.ts'),
};
