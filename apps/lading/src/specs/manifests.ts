// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { signingFlags } from './signing-flags.ts';

const all: FlagSpec = {
  name: 'all',
  kind: 'boolean',
  help: "add all of the list's images if the image is a list",
};
const tlsVerify: FlagSpec = {
  name: 'tls-verify',
  kind: 'boolean',
  default: true,
  help: 'require HTTPS and verify certificates when accessing the registry',
};
const accessFlags: readonly FlagSpec[] = [
  {
    name: 'authfile',
    kind: 'string',
    completes: 'file',
    help: 'path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override',
  },
  {
    name: 'cert-dir',
    kind: 'string',
    completes: 'folder',
    help: 'use certificates at the specified path to access the registry',
  },
  {
    name: 'creds',
    kind: 'string',
    placeholder: '[username[:password]]',
    help: 'use [username[:password]] for accessing the registry',
  },
  tlsVerify,
];
const entryFlags: readonly FlagSpec[] = [
  {
    name: 'annotation',
    kind: 'stringSlice',
    placeholder: 'annotation',
    help: 'set an annotation for the specified image',
  },
  ...(['arch', 'os', 'os-version', 'variant'] as const).map(
    (name): FlagSpec => ({
      name,
      kind: 'string',
      placeholder: name,
      help: `override the ${name} of the specified image`,
    }),
  ),
  {
    name: 'features',
    kind: 'stringSlice',
    placeholder: 'features',
    help: 'override the features of the specified image',
  },
  {
    name: 'os-features',
    kind: 'stringSlice',
    placeholder: 'features',
    help: 'override the OS features of the specified image',
  },
];

/** Lists of images: `lading manifest`. */
export const manifestGroup: CommandSpec = {
  name: 'manifest',
  summary: 'Manipulate manifest lists and image indexes',
  description: 'Creates, modifies, and pushes manifest lists and image indexes.',
  usage: 'manifest [command]',
  subcommands: [
    {
      name: 'add',
      summary: 'Add images to a manifest list or image index',
      description:
        'Adds images to a manifest list or image index. A name without a transport is one at a registry; an image of the local store is containers-storage:NAME.',
      usage: 'add [options] LIST IMAGE [IMAGE...]',
      flags: [all, ...accessFlags, ...entryFlags],
      args: { min: 2 },
      examples: [
        'lading manifest add mylist:v1.11 image:v1.11-amd64',
        'lading manifest add mylist:v1.11 containers-storage:localhost/app:1',
      ],
      load: () => import('../commands/manifest/add.ts'),
    },
    {
      name: 'annotate',
      summary: 'Add or update information about an entry in a manifest list or image index',
      usage: 'annotate [options] LIST IMAGE',
      flags: entryFlags,
      args: { min: 2, max: 2 },
      examples: [
        'lading manifest annotate --annotation left=right mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736',
      ],
      load: () => import('../commands/manifest/annotate.ts'),
    },
    {
      name: 'create',
      summary: 'Create manifest list or image index',
      description: 'Creates manifest lists or image indexes.',
      usage: 'create [options] LIST [IMAGE...]',
      flags: [
        { ...all, help: "add all of the lists' images if the images to add are lists" },
        {
          name: 'amend',
          short: 'a',
          kind: 'boolean',
          help: 'modify an existing list if one with the desired name already exists',
        },
        tlsVerify,
      ],
      args: { min: 1 },
      examples: [
        'lading manifest create mylist:v1.11',
        'lading manifest create mylist:v1.11 arch-specific-image-to-add another-arch-specific-image-to-add',
        'lading manifest create --all mylist:v1.11 transport:tagged-image-to-add',
      ],
      load: () => import('../commands/manifest/create.ts'),
    },
    {
      name: 'exists',
      summary: 'Check if a manifest list exists in local storage',
      description:
        'If the manifest list exists in local storage, exits with 0, otherwise the exit code will be 1.',
      usage: 'exists MANIFEST',
      args: { min: 1, max: 1 },
      examples: ['lading manifest exists mylist'],
      load: () => import('../commands/manifest/exists.ts'),
    },
    {
      name: 'inspect',
      summary: 'Display the contents of a manifest list or image index',
      usage: 'inspect IMAGE',
      args: { min: 1, max: 1 },
      examples: ['lading manifest inspect localhost/list'],
      load: () => import('../commands/manifest/inspect.ts'),
    },
    {
      name: 'push',
      summary: 'Push a manifest list or image index to a registry',
      description: 'Pushes manifest lists and image indexes to registries.',
      usage: 'push [options] LIST DESTINATION',
      flags: [
        { name: 'all', kind: 'boolean', default: true, help: 'also push the images in the list' },
        ...accessFlags,
        { name: 'compression-format', kind: 'string', help: 'compression format to use' },
        { name: 'compression-level', kind: 'int', help: 'compression level to use' },
        {
          name: 'digestfile',
          kind: 'string',
          completes: 'file',
          help: 'after copying the image, write the digest of the resulting digest to the file',
        },
        {
          name: 'format',
          short: 'f',
          kind: 'string',
          help: 'manifest type (oci or v2s2) to attempt to use when pushing the manifest list (default is manifest type of source)',
        },
        {
          name: 'quiet',
          short: 'q',
          kind: 'boolean',
          help: "don't output progress information when pushing lists",
        },
        {
          name: 'remove-signatures',
          kind: 'boolean',
          help: "don't copy signatures when pushing images",
        },
        ...signingFlags,
        {
          name: 'rm',
          aliases: ['purge'],
          kind: 'boolean',
          help: 'remove the manifest list if push succeeds',
        },
      ],
      args: { min: 2, max: 2 },
      examples: ['lading manifest push mylist:v1.11 docker://quay.io/myuser/image:v1.11'],
      load: () => import('../commands/manifest/push.ts'),
    },
    {
      name: 'remove',
      summary: 'Remove an entry from a manifest list or image index',
      description: 'Removes an image from a manifest list or image index.',
      usage: 'remove LIST IMAGE',
      args: { min: 2, max: 2 },
      examples: [
        'lading manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736',
      ],
      load: () => import('../commands/manifest/remove.ts'),
    },
    {
      name: 'rm',
      summary: 'Remove manifest list or image index from local storage',
      usage: 'rm LIST [LIST...]',
      args: { min: 1 },
      examples: ['lading manifest rm mylist:v1.11'],
      load: () => import('../commands/manifest/rm.ts'),
    },
  ],
};
