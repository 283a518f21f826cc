// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { findRecord, known } from './find-record.ts';

const all = [{ id: 'abc1' }, { id: 'abc2' }, { id: 'def3' }];
const records = {
  all,
  get: (id: string) => all.find((record) => record.id === id),
  named: (name: string) => (name === 'def' ? all[0] : undefined),
};
const found = (ref: string): string | undefined => findRecord(records, ref, 'container')?.id;

describe('findRecord', () => {
  it.each([
    ['abc2', 'abc2'],
    ['def', 'abc1'],
    ['de', 'def3'],
    ['x', undefined],
    ['', undefined],
  ])('takes %j for %j: an id, then a name, then the start of an id', (ref, id) => {
    expect(found(ref)).toBe(id);
  });

  it('refuses the start of several ids', () => {
    expect(() => found('abc')).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument, reason: 'AMBIGUOUS_ID' }),
    );
  });
});

describe('known', () => {
  it('names what is not known', () => {
    expect(() => known(undefined, 'web', 'container')).toThrow(
      expect.objectContaining({
        code: Code.NotFound,
        reason: 'CONTAINER_UNKNOWN',
        message: 'web: container not known',
      }),
    );
  });
});
