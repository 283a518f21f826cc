// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, ProgramSpec } from '@lading/command-line';
import { exitCodeOf } from './exit-code.ts';
import { artifactSpec, attachSpec } from './specs/artifact.ts';
import { blobSpec, configSpec, manifestSpec } from './specs/content.ts';
import { copySpec } from './specs/copy.ts';
import { appendSpec, flattenSpec, mutateSpec, rebaseSpec } from './specs/edit.ts';
import { globalFlags } from './specs/global-flags.ts';
import { deleteSpec, inspectSpec, listTagsSpec, manifestDigestSpec } from './specs/images.ts';
import { indexSpec } from './specs/lists.ts';
import { loginSpec, logoutSpec } from './specs/login.ts';
import { diffSpec, exportSpec, validateSpec } from './specs/look.ts';
import { referrersSpec } from './specs/referrers.ts';
import { catalogSpec, resolveSpec, tagSpec, untagSpec } from './specs/repository.ts';
import {
  generateSigstoreKeySpec,
  standaloneSignSpec,
  standaloneVerifySpec,
  untrustedSignatureDumpSpec,
} from './specs/signing.ts';
import { syncSpec } from './specs/sync.ts';
import { ladingCopyVersion } from './version.ts';

/** What skopeo does not have. */
const beyond: readonly CommandSpec[] = [
  ...[appendSpec, artifactSpec, attachSpec, blobSpec, catalogSpec, configSpec, diffSpec, exportSpec],
  ...[flattenSpec, indexSpec, manifestSpec, mutateSpec, rebaseSpec, resolveSpec, tagSpec, untagSpec],
  validateSpec,
];

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
      referrersSpec,
      syncSpec,
      ...beyond,
      standaloneSignSpec,
      standaloneVerifySpec,
      untrustedSignatureDumpSpec,
    ],
    exitCode: exitCodeOf,
  };
}
