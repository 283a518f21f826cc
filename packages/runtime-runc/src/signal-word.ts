// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** The first and the last that the C library leaves to programs. */
const [first, last] = [34, 64];

/**
 * A signal as every runtime knows it: those for real time, such as `SIGRTMIN+3`, by number, as runc has no names for them.
 * @throws InvalidArgument with reason SIGNAL_UNKNOWN for what can be no signal
 */
export function signalWord(signal: string | number): string {
  const word = String(signal);
  const [, end, offset = '0'] = /^(?:SIG)?RT(MIN(?=\+|$)|MAX(?=-|$))(?:[+-](\d{1,2}))?$/i.exec(word) ?? [];
  const number = end?.toUpperCase() === 'MIN' ? first + Number(offset) : last - Number(offset);
  if (end !== undefined && number >= first && number <= last) return String(number);
  if (/^(?:\d{1,2}|(?!(?:SIG)?RT)[A-Za-z][A-Za-z0-9+-]{1,20})$/i.test(word)) return word;
  throw new LadingError(Code.InvalidArgument, `${JSON.stringify(word)} is not a signal`, {
    reason: 'SIGNAL_UNKNOWN',
  });
}
