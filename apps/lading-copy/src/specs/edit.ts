// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { madeImageFlags, platformFlag } from './image-flags.ts';

const named = 'KEY=VALUE';
const layerFlags: readonly FlagSpec[] = [
  {
    name: 'compress-format',
    kind: 'string',
    placeholder: 'FORMAT',
    default: 'gzip',
    help: 'gzip, zstd or none, for what is not compressed',
  },
  { name: 'compress-level', kind: 'int', placeholder: 'LEVEL', help: 'gzip 1 to 9, zstd 1 to 22' },
];

export const appendSpec: CommandSpec = {
  name: 'append',
  summary: 'Put layers on top of an image, or make an image of them',
  description: `Put each LAYER, a folder or a tar archive, on top of SOURCE-IMAGE, and write that to DESTINATION-IMAGE. With 'scratch' for SOURCE-IMAGE they make an image of their own.

SOURCE_DATE_EPOCH in the environment is the time of the layers, and the latest of files from folders.`,
  usage: 'append [command options] SOURCE-IMAGE DESTINATION-IMAGE LAYER [LAYER...]',
  args: { min: 3 },
  flags: [
    ...madeImageFlags,
    platformFlag,
    ...layerFlags,
    {
      name: 'created-by',
      kind: 'string',
      default: 'lading-copy append',
      help: 'What the history says of the layers',
    },
  ],
  examples: [
    'lading-copy append docker://debian:12-slim docker://registry.example.com/app:1 rootfs/',
    'lading-copy append --platform linux/arm64 scratch oci:images:app app.tar.gz',
  ],
  load: () => import('../commands/append.ts'),
  complete: () => import('../complete-image.ts'),
};

export const mutateSpec: CommandSpec = {
  name: 'mutate',
  summary: 'Change what an image says of itself',
  description: `Change the configuration and annotations of SOURCE-IMAGE, and write the result to DESTINATION-IMAGE. Layers stay as they are, unless their times or files are changed, or they are taken away.

A value is taken away with an empty one: --label old= takes the label 'old' away, --user '' the user. Ports and volumes are taken away with a minus at the end: --expose 80/tcp-

--time-max "$SOURCE_DATE_EPOCH" makes images that were built twice the same, where only times differ. Layers without later times stay as they are. Without the flag SOURCE_DATE_EPOCH in the environment is the latest time of the configuration and its history alone.`,
  usage: 'mutate [command options] SOURCE-IMAGE DESTINATION-IMAGE',
  args: { min: 2, max: 2 },
  flags: [
    ...madeImageFlags,
    platformFlag,
    { name: 'all', kind: 'boolean', help: 'Change every image of a list' },
    {
      name: 'annotation',
      short: 'a',
      kind: 'strings',
      placeholder: named,
      help: 'Annotation of the manifest',
    },
    {
      name: 'annotation-base',
      kind: 'string',
      placeholder: 'NAME,DIGEST',
      help: 'Annotate the manifest with the image that it was made on',
    },
    { name: 'author', kind: 'string', help: 'Who made the image' },
    { name: 'cmd', kind: 'strings', placeholder: 'ARG', help: 'Arguments; JSON for several: \'["a","b"]\'' },
    {
      name: 'config-annotation',
      kind: 'strings',
      placeholder: named,
      help: 'Annotation of the descriptor of the configuration',
    },
    {
      name: 'created',
      kind: 'string',
      placeholder: 'TIME',
      help: 'When the image was made: RFC 3339, or seconds',
    },
    {
      name: 'data-max',
      kind: 'int',
      placeholder: 'BYTES',
      help: 'Put contents of up to BYTES into the descriptors that name them, and take larger ones out; 0 takes all out',
    },
    { name: 'entrypoint', kind: 'strings', placeholder: 'ARG', help: 'Entrypoint; JSON for several words' },
    { name: 'env', short: 'e', kind: 'strings', placeholder: named, help: 'Variable of the environment' },
    {
      name: 'expose',
      kind: 'strings',
      placeholder: 'PORT[/PROTOCOL]',
      help: 'Port that containers listen at',
    },
    {
      name: 'file-tar-time',
      kind: 'strings',
      placeholder: 'filename=PATH,set=TIME',
      help: 'Set the times in a tar archive that is a file of the image; from-label=LABEL in place of set, after=TIME for later ones alone, base-layers=N leaves N layers alone, base-ref=IMAGE-NAME those of the image that it was made on',
    },
    { name: 'label-to-annotation', kind: 'boolean', help: 'Annotate the manifest with what the labels say' },
    {
      name: 'layer-rm-created-by',
      kind: 'strings',
      placeholder: 'REGEX',
      help: 'Take layers away whose history says that they were created so; the pattern is of a part of it',
    },
    {
      name: 'layer-rm-index',
      kind: 'strings',
      placeholder: 'N',
      help: 'Take a layer away by its number, from 0 on, the lowest',
    },
    {
      name: 'layer-strip-file',
      kind: 'strings',
      placeholder: 'PATH',
      help: 'Take a file, or a folder with all in it, out of every layer, which are then written anew',
    },
    { name: 'label', short: 'l', kind: 'strings', placeholder: named, help: 'Label' },
    {
      name: 'set-platform',
      kind: 'string',
      placeholder: 'OS/ARCH[/VARIANT]',
      help: 'The platform that the image says it is for',
    },
    { name: 'stop-signal', kind: 'string', placeholder: 'SIGNAL', help: 'Signal that ends containers' },
    {
      name: 'time-max',
      kind: 'string',
      placeholder: 'TIME',
      help: 'Make all later times this one, also those of files in layers, which are then written anew',
    },
    { name: 'to-docker', kind: 'boolean', help: "Write Docker's media types" },
    { name: 'to-oci', kind: 'boolean', help: "Write the OCI's media types" },
    {
      name: 'user',
      short: 'u',
      kind: 'string',
      placeholder: 'USER[:GROUP]',
      help: 'User that containers run as',
    },
    { name: 'volume', kind: 'strings', placeholder: 'PATH', help: 'Folder that gets a volume' },
    {
      name: 'workdir',
      short: 'w',
      kind: 'string',
      placeholder: 'PATH',
      help: 'Folder that containers start in',
    },
    ...layerFlags,
  ],
  examples: [
    'lading-copy mutate --label team=web --env DEBUG= docker://registry.example.com/app:1 docker://registry.example.com/app:2',
    'lading-copy mutate --layer-strip-file /root/.netrc docker://registry.example.com/app:1 docker://registry.example.com/app:2',
    'lading-copy mutate --time-max 2026-01-01 docker://registry.example.com/app:1 oci:images:app',
  ],
  load: () => import('../commands/mutate.ts'),
  complete: () => import('../complete-image.ts'),
};

export const rebaseSpec: CommandSpec = {
  name: 'rebase',
  summary: 'Put an image on another base, without building it',
  description: `Take the layers of --old-base off SOURCE-IMAGE, put those of --new-base below the rest, and write the result to DESTINATION-IMAGE.

Without the flags the annotations org.opencontainers.image.base.digest and .name of the image say what it was made on, and where its base is now.`,
  usage: 'rebase [command options] SOURCE-IMAGE DESTINATION-IMAGE',
  args: { min: 2, max: 2 },
  flags: [
    ...madeImageFlags,
    platformFlag,
    { name: 'new-base', kind: 'string', placeholder: 'IMAGE-NAME', help: 'The base to put it on' },
    { name: 'old-base', kind: 'string', placeholder: 'IMAGE-NAME', help: 'The base that it is on' },
  ],
  examples: [
    'lading-copy rebase --old-base docker://debian:12.1 --new-base docker://debian:12.2 docker://registry.example.com/app:1 docker://registry.example.com/app:2',
  ],
  load: () => import('../commands/rebase.ts'),
  complete: () => import('../complete-image.ts'),
};

export const flattenSpec: CommandSpec = {
  name: 'flatten',
  summary: 'Make one layer of all layers of an image',
  description: `Write an image to DESTINATION-IMAGE with one layer, of the files that a container of SOURCE-IMAGE sees: what upper layers have removed or replaced is gone. The configuration stays; the history becomes a comment.`,
  usage: 'flatten [command options] SOURCE-IMAGE DESTINATION-IMAGE',
  args: { min: 2, max: 2 },
  flags: [
    ...madeImageFlags,
    platformFlag,
    { name: 'all', kind: 'boolean', help: 'Flatten every image of a list' },
    ...layerFlags,
  ],
  examples: ['lading-copy flatten docker://registry.example.com/app:1 oci:images:app'],
  load: () => import('../commands/flatten.ts'),
  complete: () => import('../complete-image.ts'),
};
