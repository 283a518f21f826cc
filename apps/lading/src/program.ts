// SPDX-License-Identifier: Apache-2.0
import type { Environment, ProgramSpec } from '@lading/command-line';
import { exitCodeOf } from './exit-code.ts';
import { errorMessage } from './output/error-message.ts';
import { containerCommands, containerGroup } from './specs/containers.ts';
import { globalFlags } from './specs/global-flags.ts';
import { healthcheckGroup } from './specs/healthcheck.ts';
import { imageCommands, imageGroup } from './specs/images.ts';
import { login, logout } from './specs/login.ts';
import { manifestGroup } from './specs/manifests.ts';
import { networkGroup } from './specs/networks.ts';
import { podGroup } from './specs/pods.ts';
import { secretGroup } from './specs/secrets.ts';
import { systemCommands, systemGroup } from './specs/system.ts';
import { volumeGroup } from './specs/volumes.ts';
import { version } from './version.ts';

/** The whole command line as data. Defaults of global flags come from `LADING_…` in `env`. */
export function createProgram(env: Environment['env']): ProgramSpec {
  return {
    name: 'lading',
    version,
    summary: 'Manage containers and images',
    globalFlags: globalFlags(env),
    commands: [
      ...containerCommands,
      ...imageCommands,
      login,
      logout,
      ...systemCommands,
      containerGroup,
      healthcheckGroup,
      imageGroup,
      manifestGroup,
      podGroup,
      systemGroup,
      networkGroup,
      volumeGroup,
      secretGroup,
    ],
    exitCode: exitCodeOf,
    formatError: (error) => `Error: ${errorMessage(error)}`,
  };
}
