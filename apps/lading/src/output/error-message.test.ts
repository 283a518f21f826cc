// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { errorMessage } from './error-message.ts';

describe('the message of an error', () => {
  it.each([
    ['ENOSPC', 'cannot write /g: ENOSPC: full', 'cannot write /g: ENOSPC: full; make room, and try again'],
    ['EDQUOT', 'EDQUOT: used up, write', 'EDQUOT: used up, write; make room, and try again'],
    ['ENOSPC', 'writing x: full; make room, and try again', 'writing x: full; make room, and try again'],
    ['EROFS', 'EROFS: read-only', 'EROFS: read-only'],
  ])('with the reason %s says once what to try: %s', (reason, message, expected) => {
    expect(errorMessage(new LadingError(Code.ResourceExhausted, message, { reason }))).toBe(expected);
  });
});
