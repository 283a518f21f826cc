// SPDX-License-Identifier: Apache-2.0
import { quote } from '@lading/go-template';

/** One line without control characters: what came from outside must not steer the reader's terminal. */
export function singleLine(text: string): string {
  return text
    .replace(/[\r\n]+\s*/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\t' ? ' ' : quote(char).slice(1, -1)))
    .trim();
}
