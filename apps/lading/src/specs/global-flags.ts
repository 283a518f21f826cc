// SPDX-License-Identifier: Apache-2.0
import type { Environment, FlagSpec } from '@lading/command-line';

/** Flags of every command. */
export function globalFlags(env: Environment['env']): readonly FlagSpec[] {
  const from = (name: string): { default?: string } => {
    const value = env[name];
    return value === undefined || value === '' ? {} : { default: value };
  };
  return [
    { name: 'conmon', kind: 'string', help: 'Path of the conmon binary' },
    {
      name: 'imagestore',
      kind: 'string',
      help: "Path to the 'image store', different from 'graph root', use this to split storing the image into a separate 'image store'",
    },
    {
      name: 'log-format',
      kind: 'string',
      default: 'text',
      help: 'Form of progress and log lines on stderr ("text"|"json")',
    },
    {
      name: 'log-level',
      kind: 'string',
      default: 'warn',
      help: 'Log messages above specified level (debug, info, warn, error)',
    },
    {
      name: 'network-config-dir',
      kind: 'string',
      ...from('LADING_NETWORK_CONFIG_DIR'),
      help: 'Path of the configuration directory for networks',
    },
    {
      name: 'root',
      kind: 'string',
      ...from('LADING_ROOT'),
      help: 'Path to the root directory in which data, including images, is stored',
    },
    {
      name: 'runroot',
      kind: 'string',
      ...from('LADING_RUNROOT'),
      help: "Path to the 'run directory' where all state information is stored",
    },
    {
      name: 'runtime',
      kind: 'string',
      default: 'runc',
      ...from('LADING_RUNTIME'),
      help: 'Path to the OCI-compatible binary used to run containers.',
    },
  ];
}
