// SPDX-License-Identifier: Apache-2.0
import { type ProgramSpec, singleLine } from '@lading/command-line';
import type { LadingError } from '@lading/errors';
import { exitCodeOf } from './exit-code.ts';
import { copySpec } from './specs/copy.ts';
import { globalFlags } from './specs/global-flags.ts';
import { deleteSpec, inspectSpec, layersSpec, listTagsSpec, manifestDigestSpec } from './specs/images.ts';
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
export function program(debug = false): ProgramSpec {
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
      layersSpec,
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
    ...(debug ? { formatError: withCauses } : {}),
  };
}

/** The message, and what led to it: for people who look for the cause. */
function withCauses(error: LadingError): string {
  const lines = [`Error: ${singleLine(error.message)}`];
  for (let cause = error.cause; cause instanceof Error && lines.length < 20; cause = cause.cause) {
    lines.push(`Debug: caused by ${cause.name}: ${singleLine(cause.message)}`);
  }
  return lines.join('\n');
}
