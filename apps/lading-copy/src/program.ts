// SPDX-License-Identifier: Apache-2.0
import { type CommandSpec, type ProgramSpec, singleLine } from '@lading/command-line';
import type { LadingError } from '@lading/errors';
import { exitCodeOf } from './exit-code.ts';
import { withTimeout } from './retry.ts';
import { artifactSpec, attachSpec } from './specs/artifact.ts';
import { blobSpec, configSpec, manifestSpec } from './specs/content.ts';
import { copySpec } from './specs/copy.ts';
import { appendSpec, flattenSpec, mutateSpec, rebaseSpec } from './specs/edit.ts';
import { globalFlags } from './specs/global-flags.ts';
import { deleteSpec, inspectSpec, layersSpec, listTagsSpec, manifestDigestSpec } from './specs/images.ts';
import { indexSpec } from './specs/lists.ts';
import { loginSpec, logoutSpec } from './specs/login.ts';
import { diffSpec, exportSpec, getFileSpec, validateSpec } from './specs/look.ts';
import { manSpec } from './specs/man.ts';
import { referrersSpec } from './specs/referrers.ts';
import { catalogSpec, ratelimitSpec, resolveSpec, tagSpec, untagSpec } from './specs/repository.ts';
import {
  generateSigstoreKeySpec,
  standaloneSignSpec,
  standaloneVerifySpec,
  untrustedSignatureDumpSpec,
} from './specs/signing.ts';
import { syncSpec } from './specs/sync.ts';
import { version } from './version.ts';

/** What skopeo does not have. */
const beyond: readonly CommandSpec[] = [
  ...[appendSpec, artifactSpec, attachSpec, blobSpec, catalogSpec, configSpec, diffSpec, exportSpec],
  ...[
    flattenSpec,
    getFileSpec,
    indexSpec,
    manifestSpec,
    mutateSpec,
    ratelimitSpec,
    rebaseSpec,
    resolveSpec,
    tagSpec,
    untagSpec,
  ],
  validateSpec,
];

/** The whole command line as data. */
export function program(debug = false): ProgramSpec {
  return {
    name: 'lading-copy',
    version,
    summary: 'Copies and inspects container images in registries, folders and the local store',
    globalFlags,
    commands: [
      copySpec,
      deleteSpec,
      generateSigstoreKeySpec,
      inspectSpec,
      layersSpec,
      listTagsSpec,
      loginSpec,
      logoutSpec,
      manifestDigestSpec,
      manSpec,
      referrersSpec,
      syncSpec,
      ...beyond,
      standaloneSignSpec,
      standaloneVerifySpec,
      untrustedSignatureDumpSpec,
    ],
    exitCode: exitCodeOf,
    formatError: debug ? withCauses : oneLine,
  };
}

function oneLine(error: LadingError): string {
  return `Error: ${singleLine(withTimeout(error))}`;
}

/** The message, and what led to it: for people who look for the cause. */
function withCauses(error: LadingError): string {
  const lines = [oneLine(error)];
  for (let cause = error.cause; cause instanceof Error && lines.length < 20; cause = cause.cause) {
    lines.push(`Debug: caused by ${cause.name}: ${singleLine(cause.message)}`);
  }
  return lines.join('\n');
}
