// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

/** Which registry of a command a set of flags is for. */
export type FlagPrefix = '' | 'src-' | 'dest-';

export const authFileFlag: FlagSpec = {
  name: 'authfile',
  kind: 'string',
  completes: 'file',
  placeholder: 'FILE',
  help: 'Read and write logins in FILE. Default: REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json',
};

export const retryFlags: readonly FlagSpec[] = [
  {
    name: 'retry-times',
    kind: 'int',
    default: 0,
    help: 'How often to try again after a failure that may pass',
  },
  {
    name: 'retry-delay',
    kind: 'duration',
    help: 'Time between tries. Default: 1 second, doubled each time',
  },
];

/** How a registry is reached, under the names that skopeo gives these flags. */
export function registryFlags(prefix: FlagPrefix): readonly FlagSpec[] {
  return [
    ...(prefix === '' ? [] : [{ ...authFileFlag, name: `${prefix}authfile` }]),
    {
      name: `${prefix}creds`,
      // The names that skopeo's copy had for these once.
      ...(prefix === '' ? {} : { aliases: [`${prefix[0]}creds`] }),
      kind: 'string',
      placeholder: 'USERNAME[:PASSWORD]',
      help: 'Use USERNAME[:PASSWORD] for the registry; other users of the machine can see it',
    },
    { name: `${prefix}username`, kind: 'string', help: 'User name for the registry' },
    { name: `${prefix}password`, kind: 'string', help: 'Password for the registry' },
    { name: `${prefix}registry-token`, kind: 'string', help: 'Bearer token for the registry' },
    { name: `${prefix}no-creds`, kind: 'boolean', help: 'Ask the registry anonymously' },
    {
      name: `${prefix}tls-verify`,
      kind: 'boolean',
      default: true,
      help: 'Require HTTPS and verify certificates',
    },
  ];
}
