// SPDX-License-Identifier: Apache-2.0
import { type Code, LadingError } from '@lading/errors';

/** An error on its way from one thread to another, which would take its class away. */
export interface ThreadFailure {
  readonly type: 'failed';
  readonly code: Code;
  readonly message: string;
  readonly reason: string | undefined;
}

export function failureOf(cause: unknown): ThreadFailure {
  const { code, message, reason } = LadingError.from(cause);
  return { type: 'failed', code, message, reason };
}

export function errorOf({ code, message, reason }: ThreadFailure): LadingError {
  return new LadingError(code, message, reason === undefined ? {} : { reason });
}
