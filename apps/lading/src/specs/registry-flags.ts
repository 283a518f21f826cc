// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

/** How a registry is reached and what is asked of it; of every command that may pull. */
export const registryFlags: readonly FlagSpec[] = [
  {
    name: 'arch',
    kind: 'string',
    placeholder: 'ARCH',
    help: 'Use ARCH instead of the architecture of the machine for choosing images',
  },
  {
    name: 'authfile',
    kind: 'string',
    help: 'Path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override',
  },
  {
    name: 'os',
    kind: 'string',
    placeholder: 'OS',
    help: 'Use OS instead of the running OS for choosing images',
  },
  {
    name: 'platform',
    kind: 'string',
    help: 'Specify the platform for selecting the image.  (Conflicts with arch and os)',
  },
  {
    name: 'variant',
    kind: 'string',
    placeholder: 'VARIANT',
    help: 'Use VARIANT instead of the running architecture variant for choosing images',
  },
  {
    name: 'tls-verify',
    kind: 'boolean',
    default: true,
    help: 'Require HTTPS and verify certificates when contacting registries',
  },
];

/** How often a registry is asked. */
export const retryFlags: readonly FlagSpec[] = [
  {
    name: 'retry',
    kind: 'uint',
    default: 3,
    help: 'Number of times to retry in case of failure when performing a copy',
  },
  { name: 'retry-delay', kind: 'duration', help: 'Delay between retries in case of failure' },
];

export const certDirFlag: FlagSpec = {
  name: 'cert-dir',
  kind: 'string',
  completes: 'folder',
  help: 'Path to a directory containing TLS certificates and keys',
};

/** Of tests and of those who know: what decides on trust is to be a file of the machine. */
export const policyFlag: FlagSpec = {
  name: 'signature-policy',
  kind: 'string',
  completes: 'file',
  hidden: true,
  help: 'Path of the trust policy in place of that of the machine',
};

/** It has a meaning for Docker alone. */
export const contentTrustFlag: FlagSpec = {
  name: 'disable-content-trust',
  kind: 'boolean',
  help: 'This is a Docker specific option and is a NOOP',
};

/** Credentials on the command line. */
export const credentialFlag: FlagSpec = {
  name: 'creds',
  kind: 'string',
  placeholder: 'USERNAME[:PASSWORD]',
  help: 'Credentials (USERNAME:PASSWORD) to use for authenticating to a registry',
};
