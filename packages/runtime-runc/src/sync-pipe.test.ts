// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { parseSyncMessage } from './sync-pipe.ts';

describe('a line of the sync pipe', () => {
  it.each([
    ['{"data": 42}', { kind: 'started', pid: 42 }],
    ['{"pid": 42}', { kind: 'started', pid: 42 }],
    ['{"data": -1, "message": "a \\"b\\"\\n"}', { kind: 'failed', message: 'a "b"\n' }],
    ['{"pid": -1}', { kind: 'failed', message: '' }],
    ['{"data": 0, "message": 7}', { kind: 'failed', message: '' }],
  ])('%s is understood', (line, message) => {
    expect(parseSyncMessage(line)).toEqual(message);
  });

  it.each(['', 'null', '[]', '{"data": "42"}', '{"data": 1.5}', '{"__proto__": {"data": 42}}', '{'])(
    '%j is refused',
    (line) => {
      expect(() => parseSyncMessage(line)).toThrow(
        expect.toSatisfy((error) => error instanceof LadingError && error.code === Code.Internal),
      );
    },
  );
});
