// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

/** How images are signed that are made, under the names that skopeo gives these flags. */
export const newSignatureFlags: readonly FlagSpec[] = [
  {
    name: 'sign-by',
    kind: 'string',
    placeholder: 'FINGERPRINT',
    help: 'Sign the image with the gpg key of this FINGERPRINT',
  },
  {
    name: 'sign-by-sigstore',
    kind: 'string',
    placeholder: 'PATH',
    help: 'Sign the image with sigstore, as the file of parameters at PATH says',
  },
  {
    name: 'sign-by-sigstore-private-key',
    kind: 'string',
    placeholder: 'PATH',
    help: 'Sign the image with the sigstore private key at PATH',
  },
  {
    name: 'sign-by-sq-fingerprint',
    kind: 'string',
    placeholder: 'FINGERPRINT',
    help: 'Refused: keys of Sequoia are not used here',
    hidden: true,
  },
  {
    name: 'sign-identity',
    kind: 'string',
    help: "Name that the signature gives to the image, with a tag or digest. Default: the destination's",
  },
  {
    name: 'sign-passphrase-file',
    kind: 'string',
    placeholder: 'PATH',
    help: 'Read the passphrase of the signing key from the first line of PATH',
  },
];

/** How images are signed on the way. */
export const signingFlags: readonly FlagSpec[] = [
  { name: 'remove-signatures', kind: 'boolean', help: 'Do not copy signatures from SOURCE-IMAGE' },
  ...newSignatureFlags,
];
