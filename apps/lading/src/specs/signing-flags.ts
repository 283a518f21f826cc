// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

/** How images are signed that are pushed. */
export const signingFlags: readonly FlagSpec[] = [
  {
    name: 'sign-by',
    kind: 'string',
    placeholder: 'FINGERPRINT',
    help: 'Sign the image using a GPG key with the specified FINGERPRINT',
  },
  {
    name: 'sign-by-sigstore',
    kind: 'string',
    placeholder: 'PATH',
    completes: 'file',
    help: 'Sign the image using a sigstore parameter file at PATH',
  },
  {
    name: 'sign-by-sigstore-private-key',
    kind: 'string',
    placeholder: 'PATH',
    completes: 'file',
    help: 'Sign the image using a sigstore private key at PATH',
  },
  {
    name: 'sign-passphrase-file',
    kind: 'string',
    placeholder: 'PATH',
    completes: 'file',
    help: 'Read a passphrase for signing an image from PATH',
  },
];
