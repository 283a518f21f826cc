// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';

const places: readonly FlagSpec[] = [
  {
    name: 'authfile',
    kind: 'string',
    completes: 'file',
    help: 'path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override',
  },
  {
    name: 'compat-auth-file',
    kind: 'string',
    completes: 'file',
    help: 'path of a Docker-compatible config file to update instead',
  },
  {
    name: 'cert-dir',
    kind: 'string',
    completes: 'folder',
    help: 'use certificates at the specified path to access the registry',
  },
  {
    name: 'tls-verify',
    kind: 'boolean',
    default: true,
    help: 'require HTTPS and verify certificates when accessing the registry',
  },
];

export const loginSpec: CommandSpec = {
  name: 'login',
  summary: 'Login to a container registry',
  description: 'Login to a container registry on a specified server.',
  usage: 'login [command options] REGISTRY',
  args: { min: 0 },
  flags: [
    ...places,
    { name: 'get-login', kind: 'boolean', help: 'Return the current login user for the registry' },
    {
      name: 'password',
      short: 'p',
      kind: 'string',
      help: 'Password for registry; other users of the machine can see it, --password-stdin hides it',
    },
    { name: 'password-stdin', kind: 'boolean', help: 'Take the password from stdin' },
    { name: 'username', short: 'u', kind: 'string', help: 'Username for registry' },
    { name: 'verbose', short: 'v', kind: 'boolean', help: 'Write more detailed information to stdout' },
  ],
  examples: ['lading-copy login quay.io', 'lading-copy login -u me --password-stdin quay.io < password'],
  load: () => import('../commands/login.ts'),
};

export const logoutSpec: CommandSpec = {
  name: 'logout',
  summary: 'Logout of a container registry',
  description: 'Logout of a container registry on a specified server.',
  usage: 'logout [command options] REGISTRY',
  args: { min: 0 },
  flags: [
    ...places.map((flag) => (flag.name === 'cert-dir' ? { ...flag, hidden: true } : flag)),
    {
      name: 'all',
      short: 'a',
      kind: 'boolean',
      help: 'Remove the cached credentials for all registries in the auth file',
    },
  ],
  examples: ['lading-copy logout quay.io'],
  load: () => import('../commands/logout.ts'),
};
