// SPDX-License-Identifier: Apache-2.0
import type { ProgramSpec } from '@lading/command-line';
import { exitCodeOf } from './exit-code.ts';
import { copySpec } from './specs/copy.ts';
import { globalFlags } from './specs/global-flags.ts';
import { deleteSpec, inspectSpec, listTagsSpec, manifestDigestSpec } from './specs/images.ts';
import { loginSpec, logoutSpec } from './specs/login.ts';
import {
  generateSigstoreKeySpec,
  standaloneSignSpec,
  standaloneVerifySpec,
  untrustedSignatureDumpSpec,
} from './specs/signing.ts';
import { syncSpec } from './specs/sync.ts';
import { ladingCopyVersion } from './version.ts';

/** The whole command line as data. */
export function program(): ProgramSpec {
  return {
    name: 'lading-copy',
    version: ladingCopyVersion(),
    summary: 'Copies and inspects container images in registries, folders and the local store',
    globalFlags,
    commands: [
      copySpec,
      deleteSpec,
      generateSigstoreKeySpec,
      inspectSpec,
      listTagsSpec,
      loginSpec,
      logoutSpec,
      manifestDigestSpec,
      standaloneSignSpec,
      standaloneVerifySpec,
      untrustedSignatureDumpSpec,
      syncSpec,
    ],
    exitCode: exitCodeOf,
  };
}
