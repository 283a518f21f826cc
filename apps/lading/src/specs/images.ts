// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { imageDiff, importSpec } from './container-files.ts';
import { imageKeys, pruneKeys } from './filter-keys.ts';
import { history, mount, tree, unmount } from './image-layers.ts';
import { load, push, save } from './image-transfer.ts';
import { inspectFlags } from './inspect-flags.ts';
import { nested } from './nested.ts';
import {
  certDirFlag,
  contentTrustFlag,
  credentialFlag,
  policyFlag,
  registryFlags,
  retryFlags,
} from './registry-flags.ts';
import { search } from './search.ts';
import { trustGroup } from './trust.ts';

const pull: CommandSpec = {
  name: 'pull',
  summary: 'Pull an image from a registry',
  description:
    'Pulls an image from a registry and stores it locally; prints its ID. An image from elsewhere is named by its transport, such as oci:FOLDER, oci-archive:FILE, docker-archive:FILE or dir:FOLDER.',
  usage: 'pull [options] IMAGE [IMAGE...]',
  flags: [
    {
      name: 'all-tags',
      short: 'a',
      kind: 'boolean',
      help: 'All tagged images in the repository will be pulled',
    },
    ...registryFlags,
    ...retryFlags,
    certDirFlag,
    contentTrustFlag,
    credentialFlag,
    policyFlag,
    {
      name: 'variant',
      kind: 'string',
      help: 'Use VARIANT instead of the running architecture variant for choosing images',
    },
    {
      name: 'decryption-key',
      kind: 'stringSlice',
      help: 'Key needed to decrypt the image (e.g. /path/to/key.pem, or /path/to/key.pem:file=PASSWORDFILE)',
    },
    {
      name: 'policy',
      kind: 'string',
      default: 'always',
      help: 'Pull policy ("always"|"missing"|"never"|"newer")',
    },
    { name: 'quiet', short: 'q', kind: 'boolean', help: 'Suppress output information when pulling images' },
  ],
  args: { min: 1 },
  examples: [
    'lading pull quay.io/podman/hello',
    'lading pull --platform linux/arm64 docker.io/library/alpine',
  ],
  load: () => import('../commands/pull.ts'),
};

const images: CommandSpec = {
  name: 'images',
  summary: 'List images in local storage',
  description: 'Lists images previously pulled to the system or created on the system.',
  usage: 'images [options] [IMAGE]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Show all images (default hides intermediate images)' },
    { name: 'digests', kind: 'boolean', help: 'Show digests' },
    {
      name: 'filter',
      values: imageKeys,
      short: 'f',
      kind: 'stringSlice',
      help: 'Filter output based on conditions provided (after, before, containers, dangling, id, intermediate, label, readonly, reference, since, until)',
    },
    { name: 'format', kind: 'string', help: 'Change the output format to JSON or a Go template' },
    { name: 'history', kind: 'boolean', help: 'Display the image name history' },
    { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate output' },
    { name: 'noheading', short: 'n', kind: 'boolean', help: 'Do not print column headings' },
    { name: 'quiet', short: 'q', kind: 'boolean', help: 'Display only image IDs' },
    {
      name: 'sort',
      kind: 'string',
      default: 'created',
      help: 'Sort by id, repository, size, tag, created',
      values: ['created', 'id', 'repository', 'size', 'tag'],
    },
  ],
  args: { min: 0, max: 1 },
  examples: [
    'lading images --format json',
    'lading images --format "table {{.ID}} {{.Repository}} {{.Tag}}"',
    'lading images --filter dangling=true',
  ],
  load: () => import('../commands/images.ts'),
};

const rmi: CommandSpec = {
  name: 'rmi',
  summary: 'Removes one or more images from local storage',
  usage: 'rmi [options] IMAGE [IMAGE...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Remove all images' },
    {
      name: 'force',
      short: 'f',
      kind: 'boolean',
      help: 'Force removal of images and of containers that use them',
    },
    {
      name: 'ignore',
      short: 'i',
      kind: 'boolean',
      help: 'Ignore errors if a specified image does not exist',
    },
    { name: 'no-prune', kind: 'boolean', help: 'Do not remove dangling images' },
  ],
  args: { min: 0 },
  examples: ['lading rmi imageID', 'lading rmi --force alpine', 'lading rmi --all'],
  load: () => import('../commands/rmi.ts'),
};

const tag: CommandSpec = {
  name: 'tag',
  summary: 'Add an additional name to a local image',
  usage: 'tag IMAGE TARGET_NAME [TARGET_NAME...]',
  args: { min: 2 },
  examples: ['lading tag 0e3bbc2 fedora:latest', 'lading tag httpd myregistryhost:5000/fedora/httpd:v2'],
  load: () => import('../commands/tag.ts'),
};

const untag: CommandSpec = {
  name: 'untag',
  summary: 'Remove a name from a local image',
  description: 'Removes names from an image; without names, all of them. The image stays.',
  usage: 'untag IMAGE [IMAGE...]',
  args: { min: 1 },
  examples: ['lading untag 0e3bbc2', 'lading untag imageID:latest otherImageName:latest'],
  load: () => import('../commands/untag.ts'),
};

const inspect: CommandSpec = {
  name: 'inspect',
  summary: 'Display the configuration of an image',
  usage: 'inspect [options] IMAGE [IMAGE...]',
  flags: inspectFlags,
  args: { min: 1, tooFew: 'no names or ids specified' },
  examples: ['lading image inspect alpine'],
  load: async () => ({ run: (await import('../commands/inspect.ts')).runImageInspect }),
};

const exists: CommandSpec = {
  name: 'exists',
  summary: 'Check if an image exists in local storage',
  description: 'Exit code 0 when it exists, 1 when it does not.',
  usage: 'exists IMAGE',
  args: { min: 1, max: 1 },
  examples: ['lading image exists alpine'],
  load: () => import('../commands/image-exists.ts'),
};

const prune: CommandSpec = {
  name: 'prune',
  summary: 'Remove unused images',
  description: 'Removes dangling or unused images from local storage; prints their IDs.',
  usage: 'prune [options]',
  flags: [
    {
      name: 'all',
      short: 'a',
      kind: 'boolean',
      help: 'Remove all images not in use by containers, not just dangling ones',
    },
    {
      name: 'external',
      kind: 'boolean',
      help: 'Remove images even when they are used by external containers (e.g., by build containers)',
    },
    {
      name: 'filter',
      values: pruneKeys,
      kind: 'strings',
      help: "Provide filter values (e.g. 'until=24h', 'label=<key>=<value>')",
    },
    { name: 'force', short: 'f', kind: 'boolean', help: 'Do not prompt for confirmation' },
  ],
  args: { min: 0, max: 0 },
  examples: ['lading image prune', 'lading image prune --all --force --filter until=24h'],
  load: () => import('../commands/image-prune.ts'),
};

/** Commands on images at the top level. */
export const imageCommands: readonly CommandSpec[] = [
  history,
  images,
  importSpec,
  load,
  pull,
  push,
  rmi,
  save,
  search,
  tag,
  untag,
];

/** The same under `lading image`. */
export const imageGroup: CommandSpec = {
  name: 'image',
  summary: 'Manage images',
  usage: 'image [command]',
  subcommands: [
    nested('image', imageDiff),
    exists,
    inspect,
    nested('image', history),
    nested('image', importSpec),
    nested('image', images, { name: 'list', aliases: ['ls'] }),
    prune,
    nested('image', load),
    mount,
    nested('image', pull),
    nested('image', push),
    nested('image', rmi, { name: 'rm', aliases: ['remove'] }),
    nested('image', save),
    nested('image', search),
    nested('image', tag),
    tree,
    trustGroup,
    unmount,
    nested('image', untag),
  ],
};
