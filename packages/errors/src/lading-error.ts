// SPDX-License-Identifier: Apache-2.0
import { Code } from './code.ts';
import { codeOfSystemError, messageOf } from './system-error.ts';

/** What a {@link LadingError} can carry beside its code and message. */
export interface LadingErrorOptions {
  /** A finer code from the field: `MANIFEST_UNKNOWN`, `ENOSPC`, `CNI_11`. */
  readonly reason?: string;
  /** Facts for programs; must be safe to log (no secret, no credentialed URL). */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

const brand: unique symbol = Symbol.for('@lading/errors.LadingError') as never;

/**
 * The one error class of Lading. `message` is for people: what failed, on what, what to try.
 * `code` is for programs and comes from a closed set.
 *
 * @example
 * ```ts
 * import { Code, LadingError } from '@lading/errors';
 *
 * const error = new LadingError(Code.NotFound, 'image "web" is not in the store');
 * console.log(error.code, error instanceof LadingError);
 * ```
 */
export class LadingError extends Error {
  readonly code: Code;
  readonly reason: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: Code, message: string, options: LadingErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LadingError';
    this.code = code;
    this.reason = options.reason;
    this.details = options.details;
    // The brand lets two installed copies of this package recognise each other's errors.
    Object.defineProperty(this, brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /**
   * Turns whatever was caught into a LadingError:
   * - a LadingError is returned as it is;
   * - of a SuppressedError, what was thrown first counts, not what failed while that was cleaned up after;
   * - an AbortError becomes `canceled`, a TimeoutError `deadline_exceeded`;
   * - an error with an errno name (`ENOENT`, `ECONNREFUSED`, …), its own or its cause's, gets that name's
   *   code and keeps the name as `reason`;
   * - any other value gets `fallback`.
   */
  static from(value: unknown, fallback: Code = Code.Unknown): LadingError {
    if (value instanceof LadingError) return value as LadingError;
    if (!(value instanceof Error)) return new LadingError(fallback, String(value), { cause: value });
    if (value.name === 'SuppressedError' && 'suppressed' in value) {
      return LadingError.from(value.suppressed, fallback);
    }
    if (value.name === 'AbortError') return new LadingError(Code.Canceled, value.message, { cause: value });
    if (value.name === 'TimeoutError') {
      return new LadingError(Code.DeadlineExceeded, value.message, { cause: value });
    }
    const system = codeOfSystemError(value);
    if (system === undefined) return new LadingError(fallback, value.message, { cause: value });
    return new LadingError(system.code, messageOf(value), { cause: value, reason: system.errno });
  }

  /** A plain object that is safe to log: no stack, and of the causes only their messages. */
  toJSON(): { code: Code; message: string; reason?: string; details?: unknown; cause?: string } {
    return {
      code: this.code,
      message: this.message,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      ...(this.cause instanceof Error ? { cause: this.cause.message } : {}),
    };
  }
}

/** True when `value` is a LadingError with this code. */
export function hasCode(value: unknown, code: Code): value is LadingError {
  return value instanceof LadingError && (value as LadingError).code === code;
}
