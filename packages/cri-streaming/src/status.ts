// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';

/** How an exec or an attach ended. */
export type Outcome = { readonly exitCode: number } | { readonly failure: unknown };

/**
 * What the error channel says at the end: from protocol v4 on always a Status of Kubernetes, before only words about
 * what went wrong. A client takes an empty channel for success, so that a failure must never be left unsaid.
 */
export function outcomeMessage(outcome: Outcome, asStatus: boolean): string | undefined {
  const failed = 'failure' in outcome;
  if (!failed && outcome.exitCode === 0) return asStatus ? JSON.stringify({ status: 'Success' }) : undefined;
  const message = failed
    ? `Internal error occurred: ${LadingError.from(outcome.failure).message}`
    : `command terminated with non-zero exit code: exit status ${outcome.exitCode}`;
  if (!asStatus) return message;
  const more = failed
    ? { reason: 'InternalError', code: 500 }
    : {
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(outcome.exitCode) }] },
      };
  return JSON.stringify({ status: 'Failure', message, ...more });
}
