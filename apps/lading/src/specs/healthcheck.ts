// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';

/** `lading healthcheck …`. */
export const healthcheckGroup: CommandSpec = {
  name: 'healthcheck',
  summary: 'Manage health checks on containers',
  description: 'Run health checks on containers',
  usage: 'healthcheck [command]',
  subcommands: [
    {
      name: 'run',
      summary: 'run the health check of a container',
      description: 'Run the health check of a container, and print unhealthy when it has failed.',
      usage: 'run CONTAINER',
      args: { min: 1, max: 1 },
      examples: ['lading healthcheck run mywebapp'],
      load: () => import('../commands/healthcheck/run.ts'),
    },
  ],
};

/** Of `create` and `run`. */
export const healthFlags: readonly FlagSpec[] = [
  {
    name: 'health-cmd',
    kind: 'string',
    help: "set a healthcheck command for the container ('none' disables the existing healthcheck)",
  },
  {
    name: 'health-interval',
    kind: 'string',
    default: '30s',
    help: 'set an interval for the healthchecks (disable: only healthcheck run checks)',
  },
  {
    name: 'health-on-failure',
    kind: 'string',
    default: 'none',
    help: 'action to take once the container turns unhealthy (none, kill, restart, stop)',
  },
  {
    name: 'health-retries',
    kind: 'uint',
    default: 3,
    help: 'the number of retries allowed before a healthcheck is considered to be unhealthy',
  },
  {
    name: 'health-start-period',
    kind: 'string',
    default: '0s',
    help: 'the initialization time needed for a container to bootstrap',
  },
  {
    name: 'health-timeout',
    kind: 'string',
    default: '30s',
    help: 'the maximum time allowed to complete the healthcheck before an interval is considered failed',
  },
];

export const noHealthcheckFlag: FlagSpec = {
  name: 'no-healthcheck',
  kind: 'boolean',
  help: 'Disable healthchecks on container',
};
