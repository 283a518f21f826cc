// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { authFileFlag } from './registry-flags.ts';

export const loginSpec: CommandSpec = {
  name: 'login',
  summary: 'Login to a container registry',
  description: 'Login to a container registry on a specified server',
  usage: 'login [command options] REGISTRY',
  args: { min: 1, max: 1 },
  flags: [
    authFileFlag,
    { name: 'get-login', kind: 'boolean', help: 'Print the current user of the registry' },
    {
      name: 'password',
      short: 'p',
      kind: 'string',
      help: 'Password; other users of the machine can see it, --password-stdin hides it',
    },
    { name: 'password-stdin', kind: 'boolean', help: 'Take the password from stdin' },
    { name: 'tls-verify', kind: 'boolean', default: true, help: 'Require HTTPS and verify certificates' },
    { name: 'username', short: 'u', kind: 'string', help: 'User name' },
    { name: 'verbose', short: 'v', kind: 'boolean', help: 'Say where the login is kept' },
  ],
  examples: ['lading-copy login -u me --password-stdin quay.io < password'],
  load: () => import('../commands/login.ts'),
};

export const logoutSpec: CommandSpec = {
  name: 'logout',
  summary: 'Logout of a container registry',
  description: 'Logout of a container registry on a specified server',
  usage: 'logout [command options] REGISTRY',
  args: { min: 0, max: 1 },
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Forget the logins to all registries' },
    authFileFlag,
  ],
  examples: ['lading-copy logout quay.io'],
  load: () => import('../commands/logout.ts'),
};
