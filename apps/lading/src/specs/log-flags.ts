// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

/** What `logs` and `pod logs` share. */
export const logFlags: readonly FlagSpec[] = [
  { name: 'color', kind: 'boolean', help: 'Output the containers with different colors in the log.' },
  { name: 'follow', short: 'f', kind: 'boolean', help: 'Follow log output.' },
  { name: 'names', short: 'n', kind: 'boolean', help: 'Output the container name in the log' },
  { name: 'since', kind: 'string', help: 'Show logs since TIMESTAMP' },
  {
    name: 'tail',
    kind: 'int',
    default: -1,
    help: 'Output the specified number of LINES at the end of the logs',
  },
  { name: 'timestamps', short: 't', kind: 'boolean', help: 'Output the timestamps in the log' },
  { name: 'until', kind: 'string', help: 'Show logs until TIMESTAMP' },
];
