// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { detachKeys, sigProxy } from './foreground-flags.ts';
import { latestFlag } from './select-flags.ts';

export const attach: CommandSpec = {
  name: 'attach',
  summary: 'Attach to a running container',
  description: 'Attaches your terminal to a running container, to see its output or to control it.',
  usage: 'attach [options] CONTAINER',
  flags: [
    detachKeys,
    latestFlag,
    { name: 'no-stdin', kind: 'boolean', help: 'Do not attach STDIN. The default is false' },
    sigProxy,
  ],
  args: { min: 0, max: 1 },
  examples: ['lading attach web', 'lading attach --no-stdin --sig-proxy=false web'],
  load: () => import('../commands/attach.ts'),
};
