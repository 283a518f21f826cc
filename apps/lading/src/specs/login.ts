// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';

const authFile = {
  name: 'authfile',
  kind: 'string',
  completes: 'file',
  help: 'path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override',
} as const;

const compatible = {
  name: 'compat-auth-file',
  kind: 'string',
  completes: 'file',
  help: "path of a config file in Docker's format to update instead",
} as const;

export const login: CommandSpec = {
  name: 'login',
  summary: 'Login to a container registry',
  description: 'Login to a container registry on a specified server.',
  usage: 'login [options] [REGISTRY]',
  flags: [
    authFile,
    compatible,
    {
      name: 'cert-dir',
      kind: 'string',
      completes: 'folder',
      help: 'use certificates at the specified path to access the registry',
    },
    { name: 'get-login', kind: 'boolean', help: 'Return the current login user for the registry' },
    {
      name: 'password',
      short: 'p',
      kind: 'string',
      help: 'Password for registry; other users of the machine can see it, --password-stdin hides it',
    },
    { name: 'password-stdin', kind: 'boolean', help: 'Take the password from stdin' },
    {
      name: 'tls-verify',
      kind: 'boolean',
      default: true,
      help: 'Require HTTPS and verify certificates when contacting registries',
    },
    { name: 'username', short: 'u', kind: 'string', help: 'Username for registry' },
    { name: 'verbose', short: 'v', kind: 'boolean', help: 'Write more detailed information to stdout' },
  ],
  args: { min: 0, max: 1 },
  examples: ['lading login quay.io', 'lading login --authfile dir/auth.json quay.io'],
  load: () => import('../commands/login.ts'),
};

export const logout: CommandSpec = {
  name: 'logout',
  summary: 'Logout of a container registry',
  description: 'Removes the login of a container registry from the authentication file.',
  usage: 'logout [options] [REGISTRY]',
  flags: [
    {
      name: 'all',
      short: 'a',
      kind: 'boolean',
      help: 'Remove the cached credentials for all registries in the auth file',
    },
    authFile,
    compatible,
  ],
  args: { min: 0, max: 1 },
  examples: [
    'lading logout quay.io',
    'lading logout --authfile dir/auth.json quay.io',
    'lading logout --all',
  ],
  load: async () => ({ run: (await import('../commands/login.ts')).runOut }),
};
