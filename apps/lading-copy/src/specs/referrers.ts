// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { imageFlags, platformFlag } from './image-flags.ts';

export const referrersSpec: CommandSpec = {
  name: 'referrers',
  summary: 'List what refers to an image: signatures, SBOMs, attestations',
  description: `Print what refers to IMAGE-NAME, what refers to that, and so on, and the tags that cosign makes of digests.

Supported transports:
docker, oci`,
  usage: 'referrers [command options] IMAGE-NAME',
  args: { min: 1, max: 1, tooFew: 'Exactly one argument expected' },
  flags: [
    ...imageFlags,
    { name: 'artifact-type', kind: 'string', placeholder: 'TYPE', help: 'Only referrers of this TYPE' },
    { name: 'depth', kind: 'int', help: 'How far to go: 1 lists what refers to the image itself' },
    {
      name: 'format',
      kind: 'string',
      default: 'tree',
      help: 'tree, json, table, or a Go template for each: {{.Digest}} {{.ArtifactType}}',
    },
    {
      ...platformFlag,
      help: 'What refers to the image for this platform. Default: to what IMAGE-NAME names, which may be a list',
    },
  ],
  examples: [
    'lading-copy referrers docker://registry.example.com/app:1',
    'lading-copy referrers --artifact-type application/spdx+json --format "{{.Digest}}" oci:images:app',
  ],
  load: () => import('../commands/referrers.ts'),
  complete: () => import('../complete-image.ts'),
};
