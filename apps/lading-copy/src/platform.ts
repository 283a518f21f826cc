// SPDX-License-Identifier: Apache-2.0
import type { Flags } from '@lading/command-line';
import { hostPlatform } from '@lading/image-copy';
import type { Platform } from '@lading/image-spec';

/** The platform that images are chosen for: this machine's, where the flags do not say otherwise. */
export function platformOf(flags: Flags): Platform {
  const host = hostPlatform();
  const variant = flags.string('override-variant');
  return {
    ...host,
    os: flags.string('override-os') ?? host.os,
    architecture: flags.string('override-arch') ?? host.architecture,
    ...(variant === undefined ? {} : { variant }),
  };
}
