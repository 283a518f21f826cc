// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { detachKeys, sigProxy } from './foreground-flags.ts';

export const attach: CommandSpec = {
  name: 'attach',
  summary: 'Attach to a running container',
  description: 'Attaches your terminal to a running container, to see its output or to control it.',
  usage: 'attach [options] CONTAINER',
  flags: [
    detachKeys,
    { name: 'no-stdin', kind: 'boolean', help: 'Do not attach STDIN. The default is false' },
    sigProxy,
  ],
  args: { min: 1, max: 1, tooFew: 'attach requires the name or id of one running container' },
  examples: ['lading attach web', 'lading attach --no-stdin --sig-proxy=false web'],
  load: () => import('../commands/attach.ts'),
};
