// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

export type Side = 'source' | 'destination';

const verbs: Readonly<Record<Side, string>> = { source: 'reading', destination: 'writing' };

/** The error with the side that failed in its message and in `details.side`; one that has a side stays. */
export function onSide(side: Side, reference: string, error: unknown): LadingError {
  const known = LadingError.from(error);
  if (sideOf(known) !== undefined) return known;
  return new LadingError(known.code, `${verbs[side]} ${reference}: ${known.message}`, {
    ...(known.reason === undefined ? {} : { reason: known.reason }),
    details: { ...known.details, side },
    cause: known,
  });
}

/** Which side of a copy an error is of. */
export function sideOf(error: unknown): Side | undefined {
  if (!(error instanceof LadingError)) return undefined;
  const side = (error as LadingError).details?.side;
  return side === 'source' || side === 'destination' ? side : undefined;
}

/** Runs one step of one side. */
export async function step<T>(side: Side, reference: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw onSide(side, reference, error);
  }
}

/** The error for a signal that was aborted. */
export function canceled(what: string, signal: AbortSignal): LadingError {
  const { code } = LadingError.from(signal.reason, Code.Canceled);
  const known = code === Code.DeadlineExceeded ? code : Code.Canceled;
  return new LadingError(known, `${what} was canceled`, { cause: signal.reason });
}
