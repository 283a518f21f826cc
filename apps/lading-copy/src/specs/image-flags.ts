// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';
import { authFileFlag, registryFlags, retryFlags } from './registry-flags.ts';
import { newSignatureFlags } from './signing-flags.ts';
import { transportFlags } from './transport-flags.ts';

/** How one image is reached. */
export const imageFlags: readonly FlagSpec[] = [
  authFileFlag,
  ...registryFlags(''),
  ...transportFlags(''),
  ...retryFlags,
];

/** How an image is reached, and the place that another one is written to. */
export const sourceAndDestinationFlags: readonly FlagSpec[] = [
  authFileFlag,
  ...registryFlags('src-'),
  ...transportFlags('src-'),
  ...registryFlags('dest-'),
  ...transportFlags('dest-'),
  ...retryFlags,
];

/** How an image is read, and another one made of it, which may be signed. */
export const madeImageFlags: readonly FlagSpec[] = [...sourceAndDestinationFlags, ...newSignatureFlags];

export const platformFlag: FlagSpec = {
  name: 'platform',
  kind: 'string',
  placeholder: 'OS/ARCH[/VARIANT]',
  help: 'The image for this platform, where a list has several',
};
