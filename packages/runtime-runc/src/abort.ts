// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** What a caller gets who ended the call through its signal. */
export function canceled(signal: AbortSignal): LadingError {
  return LadingError.from(signal.reason, Code.Canceled);
}

/** @throws Canceled, or DeadlineExceeded when the signal is a time limit */
export function throwIfCanceled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw canceled(signal);
}
